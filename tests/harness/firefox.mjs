// Debian's Firefox ESR through puppeteer-core over WebDriver BiDi: one command a line comes in as JSON, one answer goes out.
// Run by harness/firefox.py, with the folder of puppeteer-core, the program and the preferences as arguments.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, program, profile, preferences] = process.argv.slice(2);
const puppeteer = createRequire(`${folder}/`)("puppeteer-core");
const browser = await puppeteer.launch({
  browser: "firefox", executablePath: program, headless: true, userDataDir: profile,
  extraPrefsFirefox: JSON.parse(preferences), protocolTimeout: 120_000,
});
const page = await browser.newPage();

const commands = {
  version: () => browser.version(),
  open: url => page.goto(url, { timeout: 120_000 }).then(() => null),
  run: script => page.evaluate(new Function(script)),
  click: selector => page.locator(selector).setTimeout(60_000).click().then(() => null),
  cookies: async () => (await page.cookies()).map(it => it.name),
  forget: async () => page.deleteCookie(...(await page.cookies())).then(() => null),
};

const say = answer => process.stdout.write(JSON.stringify(answer) + "\n");
say({ result: await browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...given] = JSON.parse(line);
  try {
    say({ result: (await commands[name](...given)) ?? null });
  } catch (error) {
    say({ error: String(error) });
  }
}
await browser.close();
