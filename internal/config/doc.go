// Package config reads the configuration file: where the graph lies, which instances of which products are read and how
// often, and what holds for all of them. docs/configuration.md describes it.
//
// Reading finds every mistake of a file at once ([Problem]) and contacts nothing: secrets that stand elsewhere are looked
// up when they are wanted ([Config.Resolve]), and only those that are. What an instance may be told is not declared here
// but by its provider ([assetgraph/internal/providers]): a key is the name of a setting without the product.
package config
