import { fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema, type NodeProto } from 'onnx-buf'

/** The node as the subject of a sentence, by its place in the file, because exporters give the same name to several. */
export function labelOf({ opType, name }: NodeProto, i: number): string {
  return `node ${i + 1}, ${opType.slice(0, 60)} (${name.slice(0, 60)}),`
}

/** The first name that an earlier one has, too. */
export function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return names.find((name) => {
    if (seen.has(name)) return true
    seen.add(name)
    return false
  })
}

/** The operator set of a graph that passed all checks: those leave one import. */
export function operatorSetOf(checkedGraph: Uint8Array): bigint {
  return fromBinary(ModelProtoSchema, checkedGraph).opsetImport[0]?.version ?? 0n
}
