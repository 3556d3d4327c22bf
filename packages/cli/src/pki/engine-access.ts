// What certificates and the configuration of nats-server need to know of the engine: names and permissions, no engine.

export {
  blobReads,
  clientPermissions,
  controllerPermissions,
  type NatsOptions,
  type Permissions,
  tokenOf,
} from '@omserver/engine'
