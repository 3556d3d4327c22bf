// Migrations are written once, in the types of SQLite; here they become what means the same elsewhere.

import {
  type ColumnDefinitionNode,
  type CreateTableNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type QueryResult,
  RawNode,
  type UnknownRow,
} from 'kysely'

// SQLite's integer has 64 bits (an exit code may need more than 31), its real is double, its text has no length.
const mysqlTypes: Readonly<Record<string, string>> = {
  text: 'longtext',
  blob: 'longblob',
  integer: 'bigint',
  real: 'double',
}
// "C": names sort and compare by their bytes, as in SQLite, whatever the language of the database.
const postgresTypes: Readonly<Record<string, string>> = {
  text: 'text collate "C"',
  blob: 'bytea',
  integer: 'bigint',
  real: 'double precision',
}

class PortableTypes extends OperationNodeTransformer {
  readonly #kind: 'mysql' | 'postgres'

  constructor(kind: 'mysql' | 'postgres') {
    super()
    this.#kind = kind
  }

  protected override transformColumnDefinition(node: ColumnDefinitionNode): ColumnDefinitionNode {
    const column = super.transformColumnDefinition(node)
    const { dataType } = node
    if (!('dataType' in dataType) || typeof dataType.dataType !== 'string') return column
    const type = this.#typeOf(dataType.dataType)
    return type === undefined ? column : { ...column, dataType: RawNode.createWithSql(type) }
  }

  protected override transformCreateTable(node: CreateTableNode): CreateTableNode {
    const table = super.transformCreateTable(node)
    if (this.#kind === 'postgres') return table
    const form = RawNode.createWithSql(
      'engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin',
    )
    return { ...table, endModifiers: [...(table.endModifiers ?? []), form] }
  }

  #typeOf(type: string): string | undefined {
    if (this.#kind === 'mysql') return mysqlTypes[type]
    return type.startsWith('varchar(') ? `${type} collate "C"` : postgresTypes[type]
  }
}

const shapes = new Set(['CreateTableNode', 'AlterTableNode'])

export const portableTypes = (kind: 'mysql' | 'postgres'): KyselyPlugin => {
  const transformer = new PortableTypes(kind)
  return {
    transformQuery: ({ node, queryId }) =>
      shapes.has(node.kind) ? transformer.transformNode(node, queryId) : node,
    transformResult: async ({ result }): Promise<QueryResult<UnknownRow>> => result,
  }
}
