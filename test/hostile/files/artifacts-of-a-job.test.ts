import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ArtifactManifest } from '../../../lib/job/artifact-manifest.ts'
import type { Job } from '../../../lib/job/job.ts'
import { type Bench, openBench } from '../../worker/support/a-bench.ts'

const MARK = 'OUTSIDE-OF-THE-JOB'
/** 255 bytes are the most that a name may have on Linux. */
const LONG = 'n'.repeat(255)

/** Leaves everything that a folder can hold; `$1` lies outside of it. */
function leaveAll(outside: string): string {
  return `
cd "$SCALABLE_JOB_ARTIFACTS_DIR"
echo kept > plain.txt
ln -s ${outside}/token to-a-file
ln -s ${outside} to-a-folder
ln -s / root
ln -s . loop
ln -s absent nowhere
mkdir inside && ln -s ../../../.. inside/up && echo kept > inside/also.txt
ln plain.txt same-file
mkfifo pipe
mknod device c 1 3 2>/dev/null || true
"${process.execPath}" -e "const s=require('net').createServer().listen('socket',()=>process.kill(process.pid,'SIGKILL'))"
printf x > "$(printf 'line\\nend')"
printf x > "$(printf 'back\\\\slash')"
printf x > "$(printf 'escape\\033[2J')"
printf x > "$(printf 'not-utf8-\\377')"
printf kept > "quote\\"'%2e%2e;,=().txt"
printf kept > "$(printf 'e\\314\\201')"
printf kept > "$(printf '\\303\\251')"
printf kept > ${LONG}
d=.; for i in 1 2 3 4; do d=$d/${LONG.slice(0, 240)}; mkdir $d; done; printf x > $d/too-deep
mkdir -p a && printf kept > a/b && printf kept > "a:b" && printf kept > "..." && printf kept > ".hidden"
chmod 000 inside/also.txt; chmod 644 inside/also.txt
`
}

describe('the artifacts of a job that leaves everything a folder can hold', () => {
  let bench: Bench
  let job: Job
  let manifest: ArtifactManifest
  beforeAll(async () => {
    bench = await openBench()
    const outside = join(bench.root, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'token'), MARK)
    bench.startWorker()
    job = await bench.ended((await bench.submit(leaveAll(outside))).id)
    const key = job.artifacts?.manifestKey ?? ''
    const text = await bench.files.read(key, 1_000_000)
    manifest = JSON.parse(text?.toString('utf8') ?? '{"files":[]}') as ArtifactManifest
  })
  afterAll(() => bench.close())

  test('are its regular files, under their very names', () => {
    expect(job.end?.message).toBe('exited with 0')
    const kept = manifest.files.map(({ path }) => path)
    expect(kept.toSorted()).toEqual(
      [
        '...',
        '.hidden',
        'a/b',
        'a:b',
        'e\u0301',
        'inside/also.txt',
        LONG,
        'plain.txt',
        'quote"\'%2e%2e;,=().txt',
        'same-file',
        '\u00e9',
      ].toSorted(),
    )
  })

  test('hold nothing from outside of its folder', async () => {
    for (const { path } of manifest.files) {
      const content = await bench.files.read(`jobs/${job.id}/1/artifacts/${path}`, 1_000_000)
      expect(content?.toString('utf8').trim()).toBe('kept')
    }
  })

  test('that were left out are named in the log, each with why and on one line', async () => {
    const lines = (await bench.lines(job)).filter(({ stream }) => stream === 'system')
    const said = lines.map(({ text }) => text).join('\n')
    for (const name of ['to-a-file', 'to-a-folder', 'root', 'loop', 'nowhere', 'inside/up']) {
      expect(said).toContain(`artifact ${name} was not stored: a symbolic link`)
    }
    for (const name of ['pipe', 'socket']) expect(said).toContain(`artifact ${name} was not stored`)
    for (const { text } of lines) {
      // eslint-disable-next-line no-control-regex -- control characters are what it looks for
      expect(text).not.toMatch(/[\u0000-\u001f\u007f]/)
    }
  })
})
