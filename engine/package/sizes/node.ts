/** A graph's node as the rules of sizes see it. */
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf'
import { EngineRefusal } from '../../refusal.ts'
import type { Value } from './value.ts'

/** What a rule finds: the node's outputs, and about how many multiply–adds of a product its work takes. */
export type Found = { outputs: Value[]; operations: number }

export type Node = {
  opType: string
  inputs: readonly (Value | undefined)[]
  outputCount: number
  attributeCount: number
  /** Input `i`. @throws EngineRefusal when it is left out */
  input(i: number): Value
  /** Contents of input `i`, undefined when it is left out. @throws EngineRefusal when they depend on data */
  constant(i: number): readonly number[] | undefined
  /** The attribute of that name, and so below. @throws EngineRefusal when it has another type */
  int(name: string, otherwise: number): number
  /** An attribute of 0 or 1. @throws EngineRefusal when it is another number: the engine reads some of them as 0, some as 1 */
  flag(name: string, otherwise: boolean): boolean
  ints(name: string): number[] | undefined
  text(name: string, otherwise: string): string
  tensor(name: string): TensorProto | undefined
  float(name: string): number | undefined
  floats(name: string): number[] | undefined
}

/** @throws EngineRefusal `graph` whose message goes on after the node's label: "has …", "makes …" */
export function refuse(message: string): never {
  throw new EngineRefusal('graph', message)
}

/** The node with its inputs. */
export function nodeOf(proto: NodeProto, inputs: readonly (Value | undefined)[]): Node {
  const attribute = (name: string, type: AttributeType) => attributeOf(proto, name, type)
  const int = (name: string, otherwise: number) => Number(attribute(name, AttributeType.INT)?.i ?? otherwise)
  return {
    opType: proto.opType,
    inputs,
    outputCount: proto.output.length,
    attributeCount: proto.attribute.length,
    input: (i) => inputs[i] ?? refuse(`lacks its input ${i + 1}; export it again`),
    constant: (i) => inputs[i] && contents(proto, i, inputs[i]),
    int,
    flag: (name, otherwise) => {
      const found = int(name, Number(otherwise))
      return found === 0 || found === 1 ? found === 1 : refuse(`has ${found} as ${name}; use 0 or 1`)
    },
    ints: (name) => attribute(name, AttributeType.INTS)?.ints.map(Number),
    text: (name, otherwise) => {
      const found = attribute(name, AttributeType.STRING)
      return found === undefined ? otherwise : new TextDecoder().decode(found.s)
    },
    tensor: (name) => attribute(name, AttributeType.TENSOR)?.t,
    float: (name) => attribute(name, AttributeType.FLOAT)?.f,
    floats: (name) => attribute(name, AttributeType.FLOATS)?.floats,
  }
}

function attributeOf(proto: NodeProto, name: string, type: AttributeType): AttributeProto | undefined {
  const found = proto.attribute.find((one) => one.name === name)
  if (found === undefined || found.type === type) return found
  return refuse(`has an attribute ${name} of another type than its operator takes; export it again`)
}

function contents(proto: NodeProto, i: number, { known }: Value): readonly number[] {
  if (known !== undefined) return known
  return refuse(
    `makes a value whose size depends on data, through its input ${i + 1} (${proto.input[i]!.slice(0, 60)}); ` +
      'make that input a constant, or compute it from constants and shapes alone',
  )
}

/** An axis counted from the front. @throws EngineRefusal when there is no such axis */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis
  if (Number.isInteger(found) && found >= 0 && found < rank) return found
  return refuse(`has the axis ${axis} for a value of rank ${rank}; use ${-rank} to ${rank - 1}`)
}

/** The sum of whole numbers; NaN, which is no size, once it isn't exact. */
export function sumOf(...parts: number[]): number {
  return parts.reduce((sum, part) => {
    const isExactSum = Number.isSafeInteger(part) && Number.isSafeInteger(sum + part)
    return isExactSum ? sum + part : Number.NaN
  }, 0)
}

/** Sizes and places must be whole numbers that a computer can count to. */
export function sizeOf(size: number, what: string): number {
  if (Number.isSafeInteger(size) && size >= 0) return size
  return refuse(`has ${size} as ${what}; use a whole number of 0 or more`)
}
