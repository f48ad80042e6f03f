// Passkeys: a button lets the browser ask for one, and sends its form with the answer.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function asked(options) {
  const question = { ...options, challenge: bytes(options.challenge) };
  if (options.user) question.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) question.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) question.allowCredentials = known(options.allowCredentials);
  return question;
}

function told(credential) {
  const said = credential.response;
  const response = { clientDataJSON: text(said.clientDataJSON) };
  if (said.attestationObject) {
    response.attestationObject = text(said.attestationObject);
    response.transports = said.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(said.authenticatorData);
    response.signature = text(said.signature);
    if (said.userHandle) response.userHandle = text(said.userHandle);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

// True when the form may go: with an answer, or to where signing in again is asked for.
async function fill(button, form) {
  const answer = await fetch(button.dataset.question, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "X-Requested-With": "fetch" },
  });
  const question = await answer.json();
  if (!answer.ok && question.details?.sign_in_again) return true;
  if (!answer.ok) throw new Error(question.message);
  const publicKey = asked(JSON.parse(question.options));
  const credential = button.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  form.elements.passkey_challenge.value = question.challenge;
  form.elements.passkey_credential.value = told(credential);
  return true;
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const form = button.form;
  const problem = form.querySelector("[data-passkey-problem]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    problem.textContent = "";
    try {
      // Not requestSubmit: the password that the form asks for besides is not needed.
      if (await fill(button, form)) form.submit();
    } catch (failure) {
      problem.textContent = failure.name === "NotAllowedError"
        ? "The browser was given no passkey. Try again."
        : failure.message;
    }
    button.disabled = false;
  });
}
