"""What leaves the project: pages for reviewers, proof that results can be made again, and dated copies of them."""
