import { z } from 'zod'
import { COMMAND_TEXT } from '../../job/command-text.ts'

export const commandSchema = z.string().regex(COMMAND_TEXT, 'is empty, or has a NUL character')
