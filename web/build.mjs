// Builds dist/: the style sheet, the typeface and our own marks. Nothing else
// is served: the pages have no script.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, 'dist')
const typeface = join(here, 'node_modules/@fontsource-variable/atkinson-hyperlegible-next')

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })

const { css } = sass.compile(join(here, 'sass/site.scss'), {
  style: 'compressed',
  loadPaths: [join(here, 'node_modules/govuk-frontend/dist/govuk')],
  quietDeps: true
})
writeFileSync(join(dist, 'site.css'), css)

for (const subset of ['latin', 'latin-ext']) {
  const file = `atkinson-hyperlegible-next-${subset}-wght-normal.woff2`
  copyFileSync(join(typeface, 'files', file), join(dist, file))
}
// The typeface's licence travels with it.
copyFileSync(join(typeface, 'LICENSE'), join(dist, 'atkinson-hyperlegible-next-licence.txt'))

for (const mark of ['favicon.svg', 'glyph.svg']) {
  writeFileSync(join(dist, mark), readFileSync(join(here, 'marks', mark)))
}
