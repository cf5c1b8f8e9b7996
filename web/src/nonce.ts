// The server lets in only styles that show the number of this page; antd makes its styles as it runs. Two of its helpers (the width of a
// scroll bar, the lock of the page under a dialog) forget to show it: what our own script makes shows it here. What somebody smuggles
// into the page as text is not made by our script, and stays out.
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;

if (nonce) {
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
