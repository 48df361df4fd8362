// Passkeys: a form with data-passkey asks the server for a challenge, hands it to the browser's device and sends
// what that says. Where a browser cannot do it the form stays hidden; words and codes work without it.

const able = window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.PublicKeyCredential.parseRequestOptionsFromJSON;

async function ask(form) {
  const create = form.dataset.passkey === 'create';
  const answer = await fetch(form.dataset.begin, { method: 'POST', headers: { Accept: 'application/json' } });
  if (!answer.ok || answer.redirected) throw new Error(`the server answered ${answer.status}`);
  const { key, options } = await answer.json();
  const made = create
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  form.elements.key.value = key;
  form.elements.answer.value = JSON.stringify(made);
}

for (const form of able ? document.querySelectorAll('form[data-passkey]') : []) {
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    if (form.elements.answer.value) return; // the device has answered
    event.preventDefault();
    const told = form.querySelector('.error:last-child');
    told.hidden = true;
    try {
      await ask(form);
      form.submit();
    } catch {
      told.textContent = form.dataset.failed;
      told.hidden = false;
    }
  });
}
