import solc from 'solc'
import type { Node } from './ast.ts'
import { readSources, type Sources } from './sources.ts'

/** A message of the compiler. */
interface Message {
  severity: string
  message: string
  formattedMessage: string
  sourceLocation?: { file: string; start: number }
}

interface Bytecode {
  object: string
  linkReferences: Record<string, Record<string, { start: number; length: number }[]>>
}

export interface Compiled {
  errors?: Message[]
  sources: Record<string, { ast: Node }>
  contracts?: Record<
    string,
    Record<string, { abi: unknown[]; evm: { bytecode: Bytecode; deployedBytecode: Bytecode } }>
  >
}

/** The compiler refused a source. */
export class CompilerError extends Error {
  readonly file: string | undefined
  readonly start: number | undefined

  constructor({ formattedMessage, sourceLocation }: Message) {
    super(formattedMessage)
    this.file = sourceLocation?.file
    this.start = sourceLocation?.start
  }
}

const CODE = ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences'].flatMap((output) =>
  output.startsWith('evm') ? [output, output.replace('bytecode', 'deployedBytecode')] : [output],
)

/** The syntax trees of files and of all that they import. @throws {CompilerError} */
export function syntaxOf(
  root: string,
  entries: readonly string[],
  replaced?: ReadonlyMap<string, string>,
): Record<string, Node> {
  const { sources } = run(readSources(root, entries, replaced), { '*': { '': ['ast'] } })
  return Object.fromEntries(Object.entries(sources).map(([name, { ast }]) => [name, ast]))
}

/**
 * Compiles sources to code, without the optimizer: what is compiled here is run once or twice.
 *
 * @param files whose contracts have code, all by default
 * @throws {CompilerError}
 */
export function compiled(sources: Sources, files: readonly string[] = ['*']): Compiled {
  return run(sources, Object.fromEntries(files.map((file) => [file, { '*': CODE }])))
}

function run(sources: Sources, outputSelection: object): Compiled {
  const settings = {
    evmVersion: 'prague',
    optimizer: { enabled: false },
    metadata: { appendCBOR: false },
    outputSelection,
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })),
  ) as Compiled
  const error = output.errors?.find(({ severity }) => severity === 'error')
  if (error) throw new CompilerError(error)
  return output
}
