// Tables of what runs take along: projects of playbooks, and the files of the library; and of what they bring back.

/** A folder or a Git repository of playbooks, and what it was when it was read last. */
export interface ProjectsTable {
  id: string
  name: string
  kind: string
  /** Path or URL. */
  location: string
  ref: string | null
  credential_id: string | null
  commit_id: string | null
  /** Names, JSON. */
  playbooks: string
  files: number
  archive: string
  bytes: number
  requirements: number
  refreshed_at: number
  /** {code, details}, JSON. */
  trouble: string | null
  trouble_at: number | null
  created_at: number
}

/** Projects as they were when they were carried out, by the SHA-256 of the archive. */
export interface ProjectArchivesTable {
  hash: string
  bytes: number
  made_at: number
  /** When a run took it last. */
  used_at: number
}

/** The content of files, each once, in pieces: see file_pieces. */
export interface FileContentsTable {
  id: string
  /** SHA-256, hex; null: it is being written, or being removed. */
  hash: string | null
  size: number
  pieces: number
  created_at: number
}

/** An entry of the file library: what it was, version by version. */
export interface FileVersionsTable {
  name: string
  version: number
  content_id: string
  kind: string
  added_at: number
  added_by: string
}

/** A file that a run collected from a host. */
export interface FetchedFilesTable {
  run_id: string
  host_id: string
  attempt: number
  /** Hash of its path. */
  file: string
  path: string
  size: number
  hash: string
}

export interface FetchedPiecesTable {
  run_id: string
  host_id: string
  attempt: number
  file: string
  offset: number
  bytes: Uint8Array
}
