#!/usr/bin/env node
/** The command line: commands over HTTP from lib/cli, and those that run a service from lib/local. */
import process from 'node:process'
import { COMMANDS } from '../lib/cli/commands.ts'
import { processIo } from '../lib/cli/process-io.ts'
import { runCli } from '../lib/cli/run-cli.ts'
import { demoCommand } from '../examples/digits/demo/command.ts'
import { deployCommand } from '../lib/local/commands/deploy.ts'
import { startCommand } from '../lib/local/commands/start.ts'
import { synthCommand } from '../lib/local/commands/synth.ts'

const commands = [startCommand, demoCommand, synthCommand, deployCommand, ...COMMANDS]
process.exitCode = await runCli(process.argv.slice(2), processIo(), commands)
