import { el } from './dom.js'

/**
 * Asks before something that cannot be undone. Escape and "No" mean no.
 *
 * @param {{ title: string, text: string, yes: string }} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, yes }) {
  const no = el('button', { type: 'button', autofocus: true }, 'No')
  const confirm = el('button', { type: 'button', class: 'danger' }, yes)
  const dialog = /** @type {HTMLDialogElement} */ (
    el(
      'dialog',
      { class: 'stack', 'aria-labelledby': 'ask-title' },
      el('h2', { id: 'ask-title' }, title),
      el('p', { class: 'muted' }, text),
      el('div', { class: 'actions' }, no, confirm),
    )
  )
  return new Promise((resolve) => {
    no.addEventListener('click', () => dialog.close('no'))
    confirm.addEventListener('click', () => dialog.close('yes'))
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
    document.body.append(dialog)
    dialog.showModal()
  })
}
