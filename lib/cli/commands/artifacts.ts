import { relative, resolve } from 'node:path'
import type { ArtifactFile } from '../../client/answers.ts'
import type { Client } from '../../client/client.ts'
import { type CliCommand, makeCommand } from '../command.ts'
import { formatTable } from '../format-table.ts'
import { formatBytes } from '../../console/page/elements/format-units.js'
import { type CliIo, EXIT } from '../io.ts'
import { printable } from '../paint.ts'
import { jobId } from '../read-values.ts'

export const artifactsCommand: CliCommand = (line) =>
  makeCommand({
    name: 'artifacts',
    summary: 'List the files that a job has kept, and download them.',
    description:
      'Lists the files that the accepted attempt of a job has kept. With --download each is written into the folder and checked against its checksum; a file appears only once it is whole.',
    examples: [
      { line: 'scalable-job artifacts 3711718195200000001 --download out', what: 'All files.' },
    ],
  })
    .argument('<id>', 'The job.', jobId)
    .option('-d, --download <FOLDER>', 'Download all files into this folder.')
    .action((id, { download: folder }, command) =>
      line.run(command, async ({ io, json, connect }) => {
        const client = connect()
        if (folder === undefined && json) {
          io.stdout.write(`${JSON.stringify(await client.artifactsPage(id), null, 2)}\n`)
          return EXIT.ok
        }
        const files = await client.artifacts(id)
        if (files.length === 0) io.stderr.write('no files were kept\n')
        else if (folder === undefined) showFiles(io, files)
        else await downloadAll(io, client, { files, folder })
        return EXIT.ok
      }),
    )

function showFiles({ stdout }: CliIo, files: readonly ArtifactFile[]): void {
  const rows = files.map(({ path, bytes, sha256 }) => [
    printable(path),
    formatBytes(bytes),
    sha256?.slice(0, 12) ?? '-',
  ])
  stdout.write(formatTable(['PATH', 'SIZE', 'SHA-256'], rows))
}

async function downloadAll(
  { stdout, cwd }: CliIo,
  client: Client,
  { files, folder }: { files: readonly ArtifactFile[]; folder: string },
): Promise<void> {
  for (const file of files) {
    const path = await client.download(file, resolve(cwd, folder))
    stdout.write(`${relative(cwd, path)}\n`)
  }
}
