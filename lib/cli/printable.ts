/**
 * Text from outside (log lines, tags, notes of a model server) without control characters, so that
 * it cannot move the cursor, hide lines or rename the window of the reader's terminal. Tabs stay.
 */
export function printable(text: string): string {
  // Escape sequences go whole, so that colours of a program do not leave `[31m` behind.
  return text.replaceAll(ESCAPE_SEQUENCE, '').replaceAll(CONTROL, '')
}

/* eslint-disable no-control-regex -- control characters are what they look for */
const ESCAPE_SEQUENCE =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g
/* eslint-enable no-control-regex */
