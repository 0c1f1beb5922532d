"""What runs leave and how it is known to be fresh: graph, manifest, results, snapshots."""
