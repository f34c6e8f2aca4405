import { textLike } from '../../parsing/schema-rules.ts'
import { COMMAND_TEXT } from '../../job/command-text.ts'

export const commandSchema = textLike(COMMAND_TEXT, {
  problem: 'is empty, or has a NUL character',
  allowed: 'a command line without NUL characters',
})
