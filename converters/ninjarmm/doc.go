// Package ninjarmm turns the records of a NinjaOne (formerly NinjaRMM) tenant into entities and relationships.
package ninjarmm
