import { relative, resolve } from 'node:path'
import type { ArtifactFile } from '../../client/answers.ts'
import type { Client } from '../../client/client.ts'
import { type Command, type CommandCall, EXIT } from '../command.ts'
import { formatTable } from '../format-table.ts'
import { formatBytes } from '../format-units.ts'
import { printable } from '../printable.ts'
import { readJobId } from '../read-job-id.ts'

export const artifactsCommand: Command = {
  name: 'artifacts',
  summary: 'List the files that a job has kept, and download them.',
  usage: '<id> [--download FOLDER]',
  description:
    'Lists the files that the accepted attempt of a job has kept. With --download each is written into the folder, checked against its checksum; a file appears only once it is whole.',
  takes: { min: 1, max: 1 },
  options: {
    download: { value: 'FOLDER', short: 'd', what: 'Download all files into this folder.' },
  },
  examples: [
    { line: 'scalable-job artifacts 3711718195200000001 --download out', what: 'All files.' },
  ],
  async run(call) {
    const id = readJobId(call)
    const client = call.connect()
    const folder = call.options.text('download')
    if (folder !== undefined) await downloadAll(call, client, { id, folder })
    else if (call.options.flag('json')) {
      call.io.stdout.write(`${JSON.stringify(await client.artifactsPage(id), null, 2)}\n`)
    } else showFiles(call, await client.artifacts(id))
    return EXIT.ok
  },
}

function showFiles({ io }: CommandCall, files: readonly ArtifactFile[]): void {
  if (files.length === 0) io.stderr.write('no files were kept\n')
  else {
    const rows = files.map(({ path, bytes, sha256 }) => [
      printable(path),
      formatBytes(bytes),
      sha256?.slice(0, 12) ?? '-',
    ])
    io.stdout.write(formatTable(['PATH', 'SIZE', 'SHA-256'], rows))
  }
}

async function downloadAll(
  { io }: CommandCall,
  client: Client,
  { id, folder }: { id: string; folder: string },
): Promise<void> {
  const files = await client.artifacts(id)
  if (files.length === 0) io.stderr.write('no files were kept\n')
  for (const file of files) {
    const path = await client.download(file, resolve(io.cwd, folder))
    io.stdout.write(`${relative(io.cwd, path)}\n`)
  }
}
