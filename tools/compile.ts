import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import hre from 'hardhat'
import { generateAbis } from './generate-abis.ts'

/**
 * Compiles contracts/ and test/solidity/, then writes the ABIs for the sdk. Ends with 1 when the compiler warned about
 * one of our files: a warning nobody reads becomes the bug everybody finds.
 */
const startedAt = Date.now()
await hre.tasks.getTask('build').run({ quiet: true })

const names = await generateAbis()
const warnings = await compilerWarnings()
for (const { text, isPrinted } of warnings) if (!isPrinted) console.error(text)
console.log(`${names.length} ABIs, ${warnings.length} compiler warnings`)
process.exit(warnings.length > 0 ? 1 : 0)

/** What the compiler said about our own sources, also when Hardhat found nothing to compile and said nothing again. */
async function compilerWarnings(): Promise<{ text: string; isPrinted: boolean }[]> {
  const folder = join(import.meta.dirname, '..', 'artifacts', 'build-info')
  const found = new Map<string, boolean>()
  for (const file of await readdir(folder).catch(() => [])) {
    if (!file.endsWith('.output.json')) continue
    const path = join(folder, file)
    const isPrinted = (await stat(path)).mtimeMs >= startedAt
    const { output } = JSON.parse(await readFile(path, 'utf8')) as BuildInfoOutput
    for (const { severity, formattedMessage, sourceLocation } of output.errors ?? []) {
      if (severity !== 'warning' || sourceLocation?.file.startsWith('npm/')) continue
      found.set(formattedMessage, isPrinted)
    }
  }
  return [...found].map(([text, isPrinted]) => ({ text, isPrinted }))
}

interface BuildInfoOutput {
  output: { errors?: { severity: string; formattedMessage: string; sourceLocation?: { file: string } }[] }
}
