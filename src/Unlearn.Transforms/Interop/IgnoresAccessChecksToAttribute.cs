namespace System.Runtime.CompilerServices;

/// <summary>The runtime looks this attribute up by name: it lets this assembly use another's internals.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
