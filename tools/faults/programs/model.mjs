// The model server of a campaign: answers each query with what it asks for, notes it in the file of
// effects, and crashes, hangs or answers garbage where the control file says so.
import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const { PORT, FAULTS_EFFECTS, FAULTS_CONTROL, SCALABLE_JOB_TASK_ID } = process.env

createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
}).listen(Number(PORT), '127.0.0.1')

async function answer(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const ask = JSON.parse(Buffer.concat(chunks).toString())
  const note = (effect) => noteEffect(request.headers, effect)
  note('start')
  await sleep(ask.ms)
  const fault = readFault()
  if (fault === 'crash') process.exit(1)
  if (fault === 'hang') return
  if (fault === 'garbage') {
    response.socket.end('HTTP/1.1 2oo what\r\nnothing: of\0this\r\n\r\n')
    return
  }
  note('end')
  response.statusCode = ask.status
  response.end(makeAnswer(ask))
}

/** As `expectedAnswer` in expected-answer.ts. */
function makeAnswer({ n, bytes }) {
  const seed = createHash('sha256').update(`answer ${n}`).digest('hex')
  return seed.repeat(Math.ceil(bytes / seed.length)).slice(0, bytes)
}

function noteEffect(headers, effect) {
  const job = headers['x-scalable-job-id']
  const attempt = headers['x-scalable-job-attempt']
  const line = `${Date.now()} ${job} ${attempt} ${effect} ${SCALABLE_JOB_TASK_ID}\n`
  appendFileSync(FAULTS_EFFECTS, line)
}

function readFault() {
  const { model } = JSON.parse(readFileSync(FAULTS_CONTROL, 'utf8'))
  return model !== undefined && Math.random() < model.share ? model.how : undefined
}
