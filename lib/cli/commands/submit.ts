import { Option } from '@commander-js/extra-typings'
import { TASK_TYPES } from '../../job/job.ts'
import { type CliCommand, makeCommand } from '../command.ts'
import { makeJob } from '../make-job.ts'
import { pair, whole } from '../read-values.ts'
import { FOLLOW_HELP, showAccepted } from '../follow-job.ts'

const seconds = whole(0, 100_000_000)

const TEXTS = {
  name: 'submit',
  summary: 'Submit a job: a command, or a query for the model server.',
  description:
    'Submits one job and prints its id. What follows -- is run as exactly these words; --command takes shell text with pipes and variables. A job starts in an empty folder: the files of the service are in $SCALABLE_JOB_SERVICE_DIR, which only --command can name. A query sends --input to the model server. The call is safe to repeat while the service is away: it makes one job.',
  examples: [
    {
      line: `scalable-job submit --follow --command 'python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" --epochs 20'`,
      what: 'Train with a script that lies beside service.json.',
    },
    { line: 'scalable-job submit --follow -- nvidia-smi', what: 'Run a program of the image.' },
    {
      line: 'scalable-job submit --type query --path /predict --input image.json',
      what: 'Ask the model server.',
    },
  ],
}

export const submitCommand: CliCommand = (line) =>
  makeCommand(TEXTS)
    .usage('[options] [-- COMMAND WORD...]')
    .addOption(
      new Option('--type <TYPE>', 'What the job is.').choices(TASK_TYPES).default('command'),
    )
    .option('-c, --command <TEXT>', 'Shell text of a command job.')
    .option('-i, --input <FILE>', 'Body of a query, from a file or - (standard input).')
    .option('--path <PATH>', 'Path of the model server; / unless given.')
    .option('--method <METHOD>', 'HTTP method on the model server; POST unless given.')
    .option('--content-type <TYPE>', 'Content type of the input; JSON is recognised.')
    .option('-e, --env <NAME=VALUE>', 'Environment of a command job. May be repeated.', pair)
    .option('-t, --tag <NAME=VALUE>', 'A name and value of your own. May be repeated.', pair)
    .option('--run-seconds <SECONDS>', 'Longest run of one attempt; 0: no limit.', seconds)
    .option(
      '--queue-seconds <SECONDS>',
      'Longest wait for the first attempt; 0: no limit.',
      seconds,
    )
    .option('--grace-seconds <SECONDS>', 'Between SIGTERM and SIGKILL.', seconds)
    .option(
      '--retries <COUNT>',
      'Further attempts after failures of the job itself.',
      whole(0, 100),
    )
    .option('--checkpoint-seconds <SECONDS>', 'Between two syncs of checkpoints; 0: none.', seconds)
    .option('--tenant <NAME>', 'Tenant of the job, where the token may choose one.')
    .option('--idempotency-key <KEY>', 'The same job with the same key again makes no second job.')
    .option('-f, --follow', FOLLOW_HELP)
    .action((options, command) =>
      line.run(
        command,
        async (call) => {
          const client = call.connect()
          const job = await makeJob(call, client, options)
          const { idempotencyKey, follow } = options
          const accepted = await client.submit(job, { idempotencyKey })
          return showAccepted(call, client, { job: accepted, follow })
        },
        { words: true },
      ),
    )
