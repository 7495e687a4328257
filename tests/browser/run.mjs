// Looks at every kind of page in a real browser: `node run.mjs URL`.
//
// Pages are found by following links from the first page. Of each kind
// (/forces/*/, /measures/*/definition/, …) a few are opened at three widths,
// tested by axe, checked for sideways scrolling, errors and blocked content,
// opened again without script and in the dark scheme, walked by keyboard, and
// photographed into screenshots/.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { chromium } from 'playwright-core'

const WIDTHS = [360, 768, 1440]
const NARROWEST = 320 // 1280 pixels at 400 per cent, WCAG 1.4.10
const EACH_KIND = Number(process.env.PAGES_PER_KIND ?? 2)
const MOST_PAGES = 400 // to look for links in
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
]

const here = dirname(fileURLToPath(import.meta.url))
const shots = join(here, 'screenshots')
const start = process.argv[2]
if (!start) {
  console.error('Say which site to look at: node run.mjs http://127.0.0.1:8080')
  process.exit(2)
}
const site = new URL(start)

/** Where Chromium or Chrome is. */
function browserPath () {
  const usual = [
    process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable', '/opt/google/chrome/chrome', '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium'
  ]
  const found = usual.find((path) => path && existsSync(path))
  if (!found) {
    console.error('No Chromium or Chrome was found. Install one (apt-get install chromium) or set CHROMIUM to its path.')
    process.exit(2)
  }
  return found
}

const faults = []
const fault = (page, text) => {
  faults.push(`${page}: ${text}`)
  console.error(`  ✗ ${page}: ${text}`)
}

/** The kind of a page: its address with the names in it left out. */
function kindOf (path) {
  const [plain, query] = path.split('?')
  const kind = plain
    .replace(/^\/forces\/[^/]+\/measures\/[^/]+\//, '/forces/*/measures/*/')
    .replace(/^\/forces\/[^/]+\/assessment\/[^/]+\//, '/forces/*/assessment/*/')
    .replace(/^\/forces\/[^/*]+\//, '/forces/*/')
    .replace(/^\/measures\/[^/*]+\//, '/measures/*/')
  return query ? `${kind}?${query.split('=')[0]}` : kind
}

const fileName = (kind) => kind.replace(/[^a-z*]+/g, '-').replaceAll('*', 'x').replace(/^-|-$/g, '') || 'home'

/** A few pages of each kind, found by following links. */
async function discover () {
  const kinds = new Map()
  const queue = ['/']
  const seen = new Set(queue)
  while (queue.length > 0 && seen.size < MOST_PAGES * 4) {
    const path = queue.shift()
    const kind = kindOf(path)
    const known = kinds.get(kind) ?? []
    if (known.length >= EACH_KIND) continue
    const response = await fetch(new URL(path, site))
    if (!response.ok) {
      fault(path, `answered ${response.status}`)
      continue
    }
    kinds.set(kind, [...known, path])
    const html = await response.text()
    for (const [, href] of html.matchAll(/<a\b[^>]*\shref="([^"]+)"/g)) {
      const url = new URL(href.replaceAll('&amp;', '&'), new URL(path, site))
      const next = url.pathname + url.search
      if (url.origin !== site.origin || seen.has(next) || /\.(csv|json|svg)$/.test(url.pathname)) continue
      seen.add(next)
      queue.push(next)
    }
  }
  kinds.set('/not-found', ['/forces/no-such-force/'])
  return kinds
}

/** A page that reports its errors; blocked content is among them. */
async function open (context, path, name) {
  const page = await context.newPage()
  page.on('console', (message) => {
    const expected = path.includes('no-such') && message.text().includes('404')
    if (message.type() === 'error' && !expected) fault(name, `console: ${message.text()}`)
  })
  page.on('pageerror', (error) => fault(name, `error: ${error.message}`))
  page.on('requestfailed', (request) => fault(name, `not loaded: ${request.url()}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(site.origin) && !request.url().startsWith('data:')) {
      fault(name, `asks another site: ${request.url()}`)
    }
  })
  await page.goto(new URL(path, site).href, { waitUntil: 'load' })
  return page
}

async function axeFinds (page, name) {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(
    (rules) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: rules } }), RULES)
  for (const violation of violations) {
    for (const node of violation.nodes.slice(0, 3)) {
      fault(name, `axe ${violation.id}: ${violation.help} at ${node.target.join(' ')}: ${node.failureSummary?.replaceAll('\n', ' ')}`)
    }
  }
}

async function scrollsSideways (page, name) {
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return null
    const inFrame = (element) => element.closest('.scroll, .chart-scroll')
    const out = [...document.querySelectorAll('main *, header *, footer *')]
      .filter((e) => !inFrame(e) && e.getBoundingClientRect().right > width + 1)
    return out.slice(0, 3).map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''}`).join(', ')
  })
  if (wide !== null) fault(name, `scrolls sideways: ${wide}`)
}

/** Skip link first, focus never lost, everything reachable shows where it is. */
async function keyboard (context, path, name) {
  const page = await open(context, path, name)
  await page.keyboard.press('Tab')
  const first = await page.evaluate(() => {
    const box = document.activeElement.getBoundingClientRect()
    return { href: document.activeElement.getAttribute('href'), seen: box.width > 50 && box.top >= 0 && box.left >= 0 }
  })
  if (first.href !== '#main' || !first.seen) fault(name, 'the first stop is not a visible skip link')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  const inside = await page.evaluate(() => document.activeElement.closest('main, footer') !== null)
  if (!inside) fault(name, 'the skip link does not lead into the main content')
  const stops = await page.evaluate(() => [...document.querySelectorAll('main a[href], main button, main select, main summary, main [tabindex="0"]')]
    .filter((e) => e.checkVisibility()).length)
  for (let i = 1; i < Math.min(stops, 40); i++) {
    await page.keyboard.press('Tab')
    const lost = await page.evaluate(() => {
      const e = document.activeElement
      if (e === document.body) return 'focus is lost'
      const style = getComputedStyle(e)
      const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
      return marked ? null : `nothing shows the focus on ${e.tagName.toLowerCase()} “${e.textContent.trim().slice(0, 40)}”`
    })
    if (lost) { fault(name, lost); break }
  }
  await page.close()
}

const browser = await chromium.launch({ executablePath: browserPath(), headless: true, args: FLAGS })
rmSync(shots, { recursive: true, force: true })
mkdirSync(shots, { recursive: true })
const kinds = await discover()
let looked = 0
for (const [kind, paths] of kinds) {
  console.log(kind)
  for (const width of WIDTHS) {
    const context = await browser.newContext({ viewport: { width, height: 900 } })
    for (const [i, path] of paths.entries()) {
      const page = await open(context, path, `${path} at ${width}`)
      await page.evaluate(() => document.fonts.ready)
      await scrollsSideways(page, `${path} at ${width}`)
      await axeFinds(page, `${path} at ${width}`)
      // With every part unfolded, too.
      const folded = await page.evaluate(() => {
        const all = document.querySelectorAll('details:not([open])')
        all.forEach((d) => { d.open = true })
        return all.length
      })
      if (folded > 0) {
        await scrollsSideways(page, `${path} at ${width}, unfolded`)
        await axeFinds(page, `${path} at ${width}, unfolded`)
        await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = false }))
      }
      if (i === 0) await page.screenshot({ path: join(shots, `${fileName(kind)}-${width}.png`), fullPage: true })
      await page.close()
      looked += 1
    }
    await context.close()
  }

  const path = paths[0]
  const narrow = await browser.newContext({ viewport: { width: NARROWEST, height: 640 } })
  const small = await open(narrow, path, `${path} at ${NARROWEST}`)
  await scrollsSideways(small, `${path} at ${NARROWEST}`)
  await narrow.close()

  const night = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
  const dark = await open(night, path, `${path} in the dark`)
  await axeFinds(dark, `${path} in the dark`)
  await dark.screenshot({ path: join(shots, `${fileName(kind)}-dark.png`), fullPage: true })
  await night.close()

  const plain = await browser.newContext({ viewport: { width: 768, height: 900 }, javaScriptEnabled: false })
  const still = await open(plain, path, `${path} without script`)
  if (await still.locator('main h1').count() !== 1) fault(`${path} without script`, 'there is no single heading')
  await plain.close()

  const keys = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await keyboard(keys, path, `${path} by keyboard`)
  await keys.close()
}
await browser.close()

console.log(`${kinds.size} kinds of page, ${looked} looked at, ${faults.length} faults`)
process.exit(faults.length > 0 ? 1 : 0)
