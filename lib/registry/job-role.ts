/** The tag of a job's session: the worker sets it, the policy of the job role reads it. */
export const JOB_ID_TAG = 'jobId'
