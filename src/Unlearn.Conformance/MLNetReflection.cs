using System.Reflection;
using Microsoft.ML;

namespace Unlearn.Conformance;

/// <summary>What ML.NET keeps internal and a check needs.</summary>
internal static class MLNetReflection
{
    /// <summary>The shape of a schema.</summary>
    public static SchemaShape ShapeOf(DataViewSchema schema) => (SchemaShape)Method(typeof(SchemaShape), "Create").Invoke(null, [schema])!;

    /// <summary>Asks everything that a context started to stop.</summary>
    public static void CancelExecution(MLContext context) => Method(typeof(MLContext), "CancelExecution").Invoke(context, null);

    private static MethodInfo Method(Type type, string name) =>
        type.GetMethod(name, BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            ?? throw new NotSupportedException($"This version of Microsoft.ML has no {type.Name}.{name}.");
}
