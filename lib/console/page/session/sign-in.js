import { getJson } from './api.js'
import { el } from '../elements/dom.js'
import { describeProblem } from '../elements/notice.js'
import { forgetToken, saveToken } from './session.js'

/**
 * Asks for the token and tries it before it goes on.
 *
 * @param {HTMLElement} main
 * @param {() => void} onSignedIn
 */
export function showSignIn(main, onSignedIn) {
  const input = /** @type {HTMLInputElement} */ (
    el('input', {
      id: 'token',
      type: 'password',
      autocomplete: 'off',
      required: true,
      spellcheck: 'false',
    })
  )
  const problem = el('div')
  const button = el('button', { class: 'primary' }, 'Sign in')
  const form = el(
    'form',
    { class: 'card sign-in' },
    el('h1', {}, 'Sign in'),
    el(
      'p',
      { class: 'muted small' },
      'The service prints its token, and a link that carries it, when it starts. It is kept until this tab closes.',
    ),
    el('label', {}, 'Token', input),
    problem,
    el('div', { class: 'actions' }, button),
  )
  const send = async () => {
    button.setAttribute('disabled', '')
    saveToken(input.value.trim())
    try {
      await getJson('/jobs?limit=1')
      onSignedIn()
    } catch (error) {
      forgetToken()
      problem.replaceChildren(describeProblem(error))
      button.removeAttribute('disabled')
      input.focus()
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send()
  })
  main.replaceChildren(form)
  input.focus()
}
