"""CloudFormation: read an assembly, resolve its templates and deploy their resources."""
