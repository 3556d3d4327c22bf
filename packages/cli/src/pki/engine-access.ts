// What certificates and the configuration of nats-server need to know of the engine: names, permissions, sealing keys.

export {
  blobReads,
  clientPermissions,
  controllerPermissions,
  domainOf,
  isSealKey,
  makeSealKeys,
  type NatsOptions,
  type Permissions,
  tokenOf,
} from '@omserver/engine'
