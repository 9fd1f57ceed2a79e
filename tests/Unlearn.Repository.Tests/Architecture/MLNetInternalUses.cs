using System.Reflection;
using Mono.Cecil;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>Finds where an assembly uses types and members that ML.NET does not show to others.</summary>
internal static class MLNetInternalUses
{
    /// <summary>What stands for the user where it is an attribute of the assembly.</summary>
    public const string AssemblyAttribute = "[assembly]";

    /// <summary>Each use: full name of the outermost type of ours, and ML.NET's type or member, in the manner of <c>Namespace.Type+Nested.Member</c>.</summary>
    public static IReadOnlySet<(string User, string Internal)> Of(Assembly assembly)
    {
        using var code = new CompiledCode(assembly);
        var uses =
            code.Module.GetTypes().SelectMany(type => CompiledCode.References(type).Select(used => (User: CompiledCode.Outermost(type).FullName, Used: used)));
        return uses.Concat(CompiledCode.Attributes(code.Module.Assembly).Select(used => (User: AssemblyAttribute, Used: used)))
            .Where(use => IsHidden(use.Used))
            .Select(use => (use.User, Name(use.Used)))
            .ToHashSet();
    }

    private static string Name(MemberReference used) =>
        (used is TypeReference ? used.FullName : $"{used.DeclaringType.FullName}.{used.Name}").Replace('/', '+');

    private static bool IsHidden(MemberReference reference)
    {
        var type = reference as TypeReference ?? reference.DeclaringType;
        if (type.GetElementType().Scope is not AssemblyNameReference { Name: var assembly } || !assembly.StartsWith("Microsoft.ML", StringComparison.Ordinal))
            return false;
        if (assembly == "Microsoft.ML.AutoML")
            return false; // of it there is nothing but a reference assembly of what is shown
        return reference.Resolve() switch
        {
            TypeDefinition definition => !IsShown(definition),
            MethodDefinition method => !(method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) || !IsShown(method.DeclaringType),
            FieldDefinition field => !(field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) || !IsShown(field.DeclaringType),
            _ => throw new InvalidOperationException($"ML.NET has no {reference.FullName}."),
        };
    }

    private static bool IsShown(TypeDefinition type) => type.IsPublic || type.IsNestedPublic && IsShown(type.DeclaringType);
}
