/**
 * The one file that loads just-bash. It is reached by a dynamic import on the first session only: the library costs
 * about 120 ms and most relays never open the practice device.
 */
export {
  Bash,
  bytesOutput,
  defineCommand,
  InMemoryFs,
  latin1FromBytes,
  parse,
  serialize,
  unsafeBytesFromLatin1,
} from 'just-bash';
export type {
  Command,
  CommandName,
  CommandNode,
  ExecResult,
  IFileSystem,
  PipelineNode,
  ResolvedCommandContext,
  ScriptNode,
  SimpleCommandNode,
  StatementNode,
  WordNode,
} from 'just-bash';
