"""CloudFormation: read a cloud assembly, resolve its templates and deploy their resources."""
