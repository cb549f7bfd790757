// Package check holds the tests of what lies in deploy: the Helm chart, the manifests that are made from it, and what
// they ask of Kubernetes. It is a module of its own, so that Helm and Kubernetes are no requirements of the program:
//
//	go -C deploy/check test ./...
//	go -C deploy/check test ./... -update    # renews golden files and deploy/kubernetes
package check
