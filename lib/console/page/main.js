/** Entry of the page: signs in, then shows the view that the address names (`#/`, `#/jobs/<id>`). */
import { CallError } from './session/api.js'
import { setText } from './elements/dom.js'
import { showJob } from './job/job-view.js'
import { showOverview } from './overview/overview.js'
import { forgetToken, readToken, takeTokenFromAddress } from './session/session.js'
import { showSignIn } from './session/sign-in.js'
import { openSubmitForm } from './job/submit-form.js'

/** @typedef {{ onFailure: (error: unknown) => void, onLook: () => void }} Watch */

const main = /** @type {HTMLElement} */ (document.getElementById('main'))
const connection = /** @type {HTMLElement} */ (document.getElementById('connection'))
const signOut = /** @type {HTMLElement} */ (document.getElementById('sign-out'))
const openSubmit = /** @type {HTMLElement} */ (document.getElementById('open-submit'))

/** Ends the view that is shown. @type {() => void} */
let leave = () => {}

/** @type {Watch} */
const watch = {
  onLook() {
    connection.classList.remove('broken')
    setText(connection, 'live')
  },
  onFailure(error) {
    if (error instanceof CallError && error.status === 401) {
      forgetToken()
      route()
      return
    }
    connection.classList.add('broken')
    setText(connection, error instanceof Error ? error.message : String(error))
  },
}

function route() {
  leave()
  leave = () => {}
  const signedIn = readToken() !== undefined
  signOut.hidden = !signedIn
  openSubmit.hidden = !signedIn
  setText(connection, '')
  if (!signedIn) {
    showSignIn(main, route)
    return
  }
  const job = /^#\/jobs\/(\d+)$/.exec(location.hash)
  leave = job?.[1] === undefined ? showOverview(main, watch) : showJob(main, job[1], watch)
}

signOut.addEventListener('click', () => {
  forgetToken()
  location.hash = '#/'
  route()
})
openSubmit.addEventListener('click', () => openSubmitForm())
addEventListener('hashchange', () => {
  if (!/^#(\/|token=)/.test(location.hash)) return
  takeTokenFromAddress()
  route()
  main.focus()
})
takeTokenFromAddress()
route()
