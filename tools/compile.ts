import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import hre from 'hardhat'
import { generateAbis } from './generate-abis.ts'

/**
 * Compiles contracts/ and test/solidity/, then writes the ABIs for the sdk. Ends with 1 when the compiler warned about
 * one of our files: a warning nobody reads becomes the bug everybody finds.
 */
await hre.tasks.getTask('build').run({ quiet: true })

const names = await generateAbis()
const warnings = await compilerWarnings()
for (const warning of warnings) console.error(warning)
console.log(`${names.length} ABIs, ${warnings.length} compiler warnings`)
process.exit(warnings.length > 0 ? 1 : 0)

/** What the compiler said about our own sources, also when Hardhat had nothing to compile again. */
async function compilerWarnings(): Promise<string[]> {
  const folder = join(import.meta.dirname, '..', 'artifacts', 'build-info')
  const found = new Set<string>()
  for (const file of await readdir(folder).catch(() => [])) {
    if (!file.endsWith('.output.json')) continue
    const { output } = JSON.parse(await readFile(join(folder, file), 'utf8')) as BuildInfoOutput
    for (const { severity, formattedMessage, sourceLocation } of output.errors ?? []) {
      if (severity !== 'warning' || sourceLocation?.file.startsWith('npm/')) continue
      found.add(formattedMessage)
    }
  }
  return [...found]
}

interface BuildInfoOutput {
  output: { errors?: { severity: string; formattedMessage: string; sourceLocation?: { file: string } }[] }
}
