import { postJson } from '../session/api.js'
import { el } from '../elements/dom.js'
import { newKey } from '../elements/new-key.js'
import { describeProblem, notify } from '../elements/notice.js'

/** Opens the form for a new command job. */
export function openSubmitForm() {
  const fields = makeFields()
  const problem = el('div')
  const cancel = el('button', { type: 'button' }, 'Close')
  const submit = el('button', { class: 'primary' }, 'Submit')
  const form = el(
    'form',
    {},
    el('h2', { id: 'submit-title' }, 'Submit a job'),
    label('Command', 'run by a shell in an empty folder; Ctrl+Enter submits', fields.command),
    label('Environment', 'NAME=value, one per line', fields.env),
    label('Tags', 'name=value, one per line', fields.tags),
    label('Longest run in seconds', 'empty: as in service.json; 0: no limit', fields.runSeconds),
    problem,
    el('div', { class: 'actions' }, cancel, submit),
  )
  const dialog = /** @type {HTMLDialogElement} */ (
    el('dialog', { 'aria-labelledby': 'submit-title' }, form)
  )
  // One key for this form: a second press, or a press after a broken connection, makes no second job.
  let key = newKey()
  form.addEventListener('input', () => {
    key = newKey()
  })
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit.click()
  })
  const send = async () => {
    submit.setAttribute('disabled', '')
    try {
      const job = await postJson('/jobs', { body: toBody(fields), idempotencyKey: key })
      dialog.close()
      notify(`job ${job.id} accepted`)
      location.hash = `#/jobs/${job.id}`
    } catch (error) {
      problem.replaceChildren(describeProblem(error))
      submit.removeAttribute('disabled')
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send()
  })
  cancel.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  fields.command.focus()
}

/** @typedef {ReturnType<typeof makeFields>} Fields */

function makeFields() {
  return {
    command: area({
      rows: 3,
      required: true,
      placeholder: 'python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" --epochs 10',
    }),
    env: area({ rows: 2, placeholder: 'EPOCHS=10' }),
    tags: area({ rows: 1, placeholder: 'experiment=lr-3e4' }),
    runSeconds: /** @type {HTMLInputElement} */ (el('input', { type: 'number', min: 0, step: 1 })),
  }
}

/** @param {import('../elements/dom.js').Props} props */
function area(props) {
  return /** @type {HTMLTextAreaElement} */ (el('textarea', { spellcheck: 'false', ...props }))
}

/**
 * @param {string} name
 * @param {string} hint
 * @param {HTMLElement} field
 */
function label(name, hint, field) {
  return el('label', {}, el('span', {}, `${name} `, el('span', { class: 'muted' }, hint)), field)
}

/** @param {Fields} fields */
function toBody({ command, env, tags, runSeconds }) {
  return {
    taskType: 'command',
    command: command.value,
    ...(env.value.trim() !== '' && { env: toPairs('Environment', env.value) }),
    ...(tags.value.trim() !== '' && { tags: toPairs('Tags', tags.value) }),
    ...(runSeconds.value !== '' && { limits: { runSeconds: Number(runSeconds.value) } }),
  }
}

/**
 * @param {string} field
 * @param {string} text
 */
function toPairs(field, text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=')
      if (at < 1) throw new Error(`${field}: “${line}” is not name=value`)
      return [line.slice(0, at).trim(), line.slice(at + 1)]
    }),
  )
}
