/** Every stable reason, each with one sentence: why a job or an attempt ended. */

export const END_REASONS = {
  completed: 'The command exited with 0, or the model server answered with 2xx.',
  'exit-code': 'The command exited with another code than 0.',
  'killed-by-signal': 'The command was ended by a signal that the service did not send.',
  'timed-out': 'The attempt ran longer than `limits.runSeconds` and was stopped.',
  'expired-in-queue': 'The job waited longer than `limits.queueSeconds` for its first attempt.',
  'not-served':
    'No worker takes jobs of this type any more; a retry works once the service takes them again.',
  'canceled-by-user': 'The user asked for the end, and nothing of the job runs any more.',
  'worker-lost':
    'The worker vanished, fell silent for the lease, or failed, more often than allowed.',
  released: 'The worker was stopped, or its model server took no connection; it costs no retry.',
  'bad-input': 'The input could not be read, or is not what the runner takes.',
  'start-failed': 'The command could not be started at all.',
  'init-failed': 'The init command of the service failed in this worker.',
  'model-status': 'The model server answered with a status other than 2xx; its answer is kept.',
  'model-unreachable': 'The model server did not answer, or broke the connection.',
  'model-not-ready': 'The model server never opened its port within the start time.',
  'artifacts-failed': 'The files of the attempt could not be kept.',
} as const

export type EndReason = keyof typeof END_REASONS
