import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAgentTaskProtection } from '../../../lib/adapters/aws/ecs/agent-task-protection.ts'
import { parseRecordLines } from '../../../lib/processes/group-record.ts'
import { decodeLogChunk, encodeLogChunk, type LogLine } from '../../../lib/job/log-chunk.ts'
import { parseProcessStat } from '../../../lib/processes/read-process.ts'
import { findGpus } from '../../../lib/adapters/child-processes/gpus.ts'
import { parseProtectionBody } from '../../../lib/adapters/child-processes/agent/protection.ts'
import type { Files } from '../../../lib/ports/files.ts'
import type { ProtectionAnswer } from '../../../lib/ports/task-protection.ts'
import { readManifest } from '../../../worker/checkpoints/checkpoint-manifest.ts'
import { findManifestMistake } from '../../../worker/checkpoints/find-manifest-mistake.ts'
import { LineSplitter, MAX_LINE_CHARS } from '../../../worker/logs/split-lines.ts'
import { type ParsedProgress, parseProgress } from '../../../worker/logs/parse-progress.ts'
import { readTaskArn } from '../../../worker/start/read-task-arn.ts'
import { COMMAND_TEXT, findCommandMistake } from '../../../lib/job/command-text.ts'
import { parseReady } from '../../../lib/job/messages.ts'
import { anyText, jsonTextOf, textOf, expectEdge } from './edge.ts'

/** Room for what a row of the table or a line of a log takes. */
const SHORT_CHARS = 1_000

describe('what a job says', () => {
  test('as progress', () =>
    expectEdge({
      input: textOf('[progress]', ' ', '0.5', '42%', '100', '.', '1e3', '-1', 'note', '\t', '𝒳'),
      parse: (line) => parseProgress(line),
      refuses: [],
      holds: (progress: ParsedProgress | undefined) => {
        if (progress === undefined) return
        expect(progress.fraction).toBeGreaterThanOrEqual(0)
        expect(progress.fraction).toBeLessThanOrEqual(1)
        expect(progress.note.length).toBeLessThan(SHORT_CHARS)
        expect(progress.note.isWellFormed()).toBe(true)
      },
    }))
  test('as progress with a long note of characters that take two halves', () =>
    expectEdge({
      input: fc.tuple(fc.nat(3), fc.nat(400)),
      parse: ([before, count]) =>
        parseProgress(`[progress] 0.5 ${'x'.repeat(before)}${'𝒳'.repeat(count)}`),
      refuses: [],
      holds: (progress: ParsedProgress) => expect(progress.note.isWellFormed()).toBe(true),
    }))
  test('as bytes of output, however they are cut', () =>
    expectEdge({
      input: fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          fc
            .constantFrom('\r', '\n', '\r\n', 'a', '𝒳', '\u0000', 'y'.repeat(40_000))
            .map((text) => Buffer.from(text)),
        ),
        { maxLength: 12 },
      ),
      parse: (pieces) => {
        const splitter = new LineSplitter()
        return [...pieces.flatMap((piece) => splitter.push(Buffer.from(piece))), ...splitter.end()]
      },
      refuses: [],
      holds: (lines: string[], pieces) => {
        for (const line of lines) {
          expect(line).not.toMatch(/[\r\n]/)
          expect(line.length).toBeLessThanOrEqual(MAX_LINE_CHARS)
          expect(line.isWellFormed()).toBe(true)
        }
        const all = Buffer.concat(pieces)
          .toString('utf8')
          .replaceAll(/[\r\n]/g, '')
        expect(lines.join('')).toBe(all)
      },
    }))
  test('in a part of its log', () =>
    expectEdge({
      input: fc
        .array(jsonTextOf({ stream: 'stdout', at: 'x', text: 'y' }, { stream: 'x' }))
        .map((lines) => lines.join('\n')),
      parse: (text) => decodeLogChunk(text),
      refuses: [],
      holds: (lines: LogLine[], text) => {
        expect(lines).toHaveLength(text.split('\n').filter((line) => line !== '').length)
        expect(decodeLogChunk(encodeLogChunk(lines))).toEqual(lines)
      },
    }))
  const name = textOf('jobs/3711718195200000001/1/', 'a', '/', '..', '\\', 'checkpoints')
  test('in a manifest of a checkpoint', () =>
    expectEdge({
      input: fc
        .record({
          jobId: fc.constantFrom('3711718195200000001', '1'),
          attempt: fc.constant(1),
          number: fc.constant(1),
          files: fc.array(
            fc.record({ path: name, key: name, bytes: fc.nat(), sha256: fc.constant('x') }),
            { maxLength: 3 },
          ),
        })
        .map((manifest) => JSON.stringify(manifest)),
      parse: async (text) => {
        const files = { read: async () => Buffer.from(text) } as unknown as Files
        const manifest = await readManifest(files, 'key')
        return (
          manifest && { manifest, mistake: findManifestMistake('3711718195200000001', manifest) }
        )
      },
      refuses: [],
      holds: (
        read:
          | { manifest: { files: { key: string; path: string }[] }; mistake?: string }
          | undefined,
      ) => {
        if (read === undefined || read.mistake !== undefined) return
        for (const { key, path } of read.manifest.files) {
          expect(key.startsWith('jobs/3711718195200000001/')).toBe(true)
          expect(join('/root', path).startsWith('/root/')).toBe(true)
          expect(path.split('/')).not.toContain('..')
        }
      },
    }))
  test('in any text that stands for a manifest', () =>
    expectEdge({
      input: jsonTextOf({ jobId: '1', attempt: 1, number: 1, files: [] }, []),
      parse: (text) =>
        readManifest({ read: async () => Buffer.from(text) } as unknown as Files, 'key'),
      refuses: [],
    }))
})

describe('what was uploaded as a command', () => {
  test('is judged by the rule that the API has for a command in a body', () =>
    expectEdge({
      input: anyText.filter((text) => text.isWellFormed()),
      parse: (text) => [findCommandMistake(Buffer.from(text)) ?? 'none', text],
      refuses: [],
      holds: ([mistake, text]: [string, string]) =>
        expect(mistake === 'none').toBe(COMMAND_TEXT.test(text)),
    }))
})

describe('what stands in a queue', () => {
  test('as the ready message of a job', () =>
    expectEdge({
      input: jsonTextOf({ jobId: '3711718195200000001', attempt: 1 }, { jobId: 1 }, { attempt: 0 }),
      parse: (body) => parseReady(body),
      refuses: [],
      holds: (signal: { jobId: string; attempt: number } | undefined) => {
        if (signal === undefined) return
        expect(typeof signal.jobId).toBe('string')
        expect(signal.attempt).toBeGreaterThanOrEqual(1)
      },
    }))
})

describe('what the agent and the metadata of ECS answer', () => {
  let server: Server
  let url: string
  let answer: { status: number; text: string }
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume()
      response.writeHead(answer.status).end(answer.text)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  const date = '2026-01-01T12:00:00Z'
  const texts = jsonTextOf(
    { protection: { ProtectionEnabled: true, ExpirationDate: date } },
    { failure: { Reason: 'DEPLOYMENT_BLOCKED', Detail: 'x'.repeat(50_000) } },
    { error: { Code: 'x', Message: 'y' } },
    { TaskARN: 'arn:aws:ecs:x:1:task/c/t' },
  )
  const status = fc.oneof(fc.constant(200), fc.constantFrom(204, 302, 400, 404, 500, 503))
  const answers = fc.record({ status, text: texts })
  test('to a call for protection', () =>
    expectEdge({
      input: answers,
      parse: (given) => {
        answer = given
        return makeAgentTaskProtection({ agentUri: url, timeoutMs: 5_000 }).protect(1)
      },
      refuses: [],
      holds: (said: ProtectionAnswer, { text }) => {
        if (said.kind === 'granted') expect(text).toContain('ProtectionEnabled')
        // The reason stands in the worker's row, which everybody reads.
        if (said.kind !== 'granted') expect(JSON.stringify(said).length).toBeLessThan(SHORT_CHARS)
      },
      runs: 150,
    }))
  test('to a question for the task', () =>
    expectEdge({
      input: answers,
      parse: (given) => {
        answer = given
        return readTaskArn(url)
      },
      refuses: [Error],
      holds: (arn: string) => expect(arn).not.toBe(''),
      runs: 100,
    }))
  test('as the agent of one machine is asked', () =>
    expectEdge({
      input: jsonTextOf(
        { ProtectionEnabled: true, ExpiresInMinutes: 5 },
        { protectionENABLED: false },
      ),
      parse: (text) => parseProtectionBody(text),
      refuses: [],
    }))
})

describe('what the machine says', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scalable-job-smi-'))
    writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\ncat "${folder}/out"\n`, { mode: 0o755 })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('through nvidia-smi', () =>
    expectEdge({
      input: fc.record({
        out: textOf(
          '0, GPU-1b9d6bcd\n',
          '1, GPU-aa\n',
          ',',
          '\n',
          'No devices were found\n',
          'MIG 1g.5gb',
        ),
        visible: fc.option(textOf('0', ',', 'GPU-1b', 'MIG-x', '-1'), { nil: undefined }),
      }),
      parse: ({ out, visible }) => {
        writeFileSync(join(folder, 'out'), out)
        const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`
        return findGpus({
          PATH,
          ...(visible !== undefined &&
            !visible.includes('\0') && { CUDA_VISIBLE_DEVICES: visible }),
        })
      },
      refuses: [],
      holds: (gpus: string[]) => {
        for (const gpu of gpus) expect(gpu).toMatch(/^[^\n,]+$/)
      },
      runs: 40,
    }))
  test('of a process', () =>
    expectEdge({
      input: textOf('12 (a b) ', 'S 1 12 12 ', '0 '.repeat(16), '(', ')', 'Z '),
      parse: (text) => parseProcessStat(text, 'boot'),
      refuses: [],
    }))
  test('in the record of a guard', () =>
    expectEdge({
      input: textOf('12 boot:77\n', ' ', '\n', '-1', '1e9 x\n'),
      parse: (text) => parseRecordLines(text),
      refuses: [],
      holds: (records: { pid: number }[]) => {
        for (const { pid } of records) expect(pid).toBeGreaterThan(0)
      },
    }))
  test('in the record of a guard that names no process', () => {
    // A signal to 0 goes to the sender's own group.
    expect(parseRecordLines('0 boot:77\n12 boot:78\n-1 boot:79\n')).toEqual([
      { pid: 12, start: 'boot:78' },
    ])
  })
})
