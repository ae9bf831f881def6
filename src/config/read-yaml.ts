import { isAlias, isCollection, isMap, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml'
import { clean } from '../core/text.ts'
import type { Problem } from './problems.ts'

/** The line a path is on, of its `key` when one is named; of what is nearest above it when it is not there. */
export type LineOf = (path: readonly PropertyKey[], key?: string) => number | null

export type ReadYaml = { value: unknown; problems: Problem[]; lineOf: LineOf }

/** Parses one plain document. Aliases, tags and several documents are refused, each with its line. */
export function readYaml(text: string): ReadYaml {
  const counter = new LineCounter()
  const nothing = { value: undefined, lineOf: () => null }
  let documents
  try {
    documents = parseAllDocuments(text, {
      lineCounter: counter,
      prettyErrors: false,
      logLevel: 'silent',
      merge: false,
      strict: true,
    })
  } catch (error) {
    // The parser recurses into nested lists; text made of brackets only exhausts its stack.
    if (error instanceof RangeError) return { ...nothing, problems: [{ line: null, says: 'it is nested too deeply' }] }
    throw error
  }
  if (!Array.isArray(documents) || documents.length === 0) return { ...nothing, value: {}, problems: [] }
  const lineAt = (offset: number) => counter.linePos(offset).line
  const document = documents[0]
  if (document === undefined) return { ...nothing, value: {}, problems: [] }
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => ({
    line: lineAt(error.pos[0]),
    says: explain(error),
  }))
  const second = documents[1]
  if (second !== undefined)
    problems.push({ line: lineAt(second.range[0]), says: 'a second document starts here (---); keep one' })
  visit(document, {
    Node(_, node) {
      const line = node.range ? lineAt(node.range[0]) : null
      if (isAlias(node)) problems.push({ line, says: 'an alias (*name) is not allowed; write the value out' })
      else if (node.anchor !== undefined)
        problems.push({ line, says: 'an anchor (&name) is not allowed; write the value out where it is needed' })
      else if (node.tag !== undefined && node.tag.startsWith('!'))
        problems.push({ line, says: 'a tag (!name) is not allowed; write a plain value' })
    },
  })
  if (problems.length > 0)
    return {
      ...nothing,
      problems: problems.filter(
        (one, index) => problems.findIndex((other) => other.line === one.line && other.says === one.says) === index,
      ),
    }
  const lineOf = (path: readonly PropertyKey[], key?: string) => {
    const wanted = key === undefined ? path : [...path, key]
    let node: unknown = document.contents
    let line: number | null = isCollection(node) && node.range ? lineAt(node.range[0]) : null
    for (const part of wanted) {
      if (isMap(node)) {
        const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(part))
        if (pair === undefined) return line
        if (isScalar(pair.key) && pair.key.range) line = lineAt(pair.key.range[0])
        node = pair.value
      } else if (isCollection(node)) {
        const item: unknown = node.items[Number(part)]
        if ((isCollection(item) || isScalar(item)) && item.range) line = lineAt(item.range[0])
        node = item
      } else return line
    }
    return line
  }
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  return { value: value ?? {}, problems, lineOf }
}

function explain(error: { code: string; message: string }): string {
  if (error.code === 'TAB_AS_INDENT') return 'a tab is used to indent; use spaces'
  if (error.code === 'DUPLICATE_KEY') return 'this key is there twice; keep one'
  if (error.code === 'TAG_RESOLVE_FAILED') return 'a tag (!name) is not allowed; write a plain value'
  if (error.code === 'MULTIPLE_DOCS') return 'a second document starts here (---); keep one'
  return `not YAML: ${clean(error.message).slice(0, 160)}`
}
