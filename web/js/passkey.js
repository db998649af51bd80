// passkey.js - makes and uses passkeys (WebAuthn); the results travel in hidden fields of an ordinary form.

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function create(form) {
  const { challenge, host, user, userId, userName } = form.dataset;
  const { response } = await navigator.credentials.create({
    publicKey: {
      challenge: decode(challenge),
      rp: { id: host, name: "HER-SYS" },
      user: { id: decode(userId), name: user, displayName: userName },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      attestation: "none",
      authenticatorSelection: { userVerification: "required" },
    },
  });
  form.elements.client_data.value = encode(response.clientDataJSON);
  form.elements.attestation.value = encode(response.attestationObject);
}

async function use(form) {
  const { challenge, host, credentials } = form.dataset;
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: decode(challenge),
      rpId: host,
      userVerification: "required",
      allowCredentials: credentials.split(" ").map((id) => ({ type: "public-key", id: decode(id) })),
    },
  });
  form.elements.credential.value = credential.id;
  form.elements.client_data.value = encode(credential.response.clientDataJSON);
  form.elements.authenticator_data.value = encode(credential.response.authenticatorData);
  form.elements.signature.value = encode(credential.response.signature);
}

export function startPasskeys() {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await (form.dataset.passkey === "create" ? create(form) : use(form));
        form.submit();
      } catch {
        const said = form.querySelector(".passkey-failed") ?? form.appendChild(document.createElement("p"));
        said.className = "passkey-failed field-message";
        said.setAttribute("role", "alert");
        said.textContent = "パスキーを使えませんでした。もう一度お試しいただくか、別の方法をお使いください。";
      }
    });
  }
}
