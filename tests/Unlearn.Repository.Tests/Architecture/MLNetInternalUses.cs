using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>Finds where an assembly uses types and members that ML.NET does not show to others.</summary>
internal static class MLNetInternalUses
{
    /// <summary>What stands for the user where it is an attribute of the assembly.</summary>
    public const string AssemblyAttribute = "[assembly]";

    /// <summary>Each use: full name of the outermost type of ours, and ML.NET's type or member, in the manner of <c>Namespace.Type+Nested.Member</c>.</summary>
    public static IReadOnlySet<(string User, string Internal)> Of(Assembly assembly)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        using var module = ModuleDefinition.ReadModule(assembly.Location, new ReaderParameters { AssemblyResolver = resolver });
        var uses = module.GetTypes().SelectMany(type => References(type).Select(used => (User: Outermost(type).FullName, Used: used)));
        return uses.Concat(Attributes(module.Assembly).Select(used => (User: AssemblyAttribute, Used: used)))
            .Where(use => IsHidden(use.Used))
            .Select(use => (use.User, Name(use.Used)))
            .ToHashSet();
    }

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    private static string Name(MemberReference used) => (used is TypeReference ? used.FullName : $"{used.DeclaringType.FullName}.{used.Name}").Replace('/', '+');

    private static IEnumerable<MemberReference> References(TypeDefinition type) =>
    [
        .. Parts(type.BaseType),
        .. type.Interfaces.SelectMany(implemented => Parts(implemented.InterfaceType)),
        .. Attributes(type),
        .. type.Fields.SelectMany(field => Parts(field.FieldType).Concat(Attributes(field))),
        .. type.Properties.SelectMany(Attributes),
        .. type.Methods.SelectMany(References),
    ];

    private static IEnumerable<MemberReference> References(MethodDefinition method) =>
    [
        .. Signature(method),
        .. Attributes(method),
        .. method.Overrides,
        .. method.HasBody ? method.Body.Variables.SelectMany(variable => Parts(variable.VariableType)) : [],
        .. method.HasBody ? method.Body.Instructions.SelectMany(Operands) : [],
    ];

    private static IEnumerable<MemberReference> Operands(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => Parts(type),
        FieldReference field => [field, .. Parts(field.DeclaringType), .. Parts(field.FieldType)],
        GenericInstanceMethod method => [method.ElementMethod, .. Parts(method.DeclaringType), .. method.GenericArguments.SelectMany(Parts), .. Signature(method.ElementMethod)],
        MethodReference method => [method, .. Parts(method.DeclaringType), .. Signature(method)],
        _ => [],
    };

    private static IEnumerable<MemberReference> Signature(MethodReference method) =>
        Parts(method.ReturnType).Concat(method.Parameters.SelectMany(parameter => Parts(parameter.ParameterType)));

    private static IEnumerable<MemberReference> Attributes(Mono.Cecil.ICustomAttributeProvider owner) =>
        owner.CustomAttributes.SelectMany(attribute => new MemberReference[] { attribute.AttributeType, attribute.Constructor });

    /// <summary>A type and what it is made of: type arguments, and the element of an array or reference.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [.. Parts(generic.ElementType), .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };

    private static bool IsHidden(MemberReference reference)
    {
        var type = reference as TypeReference ?? reference.DeclaringType;
        if (type.GetElementType().Scope is not AssemblyNameReference { Name: var assembly } || !assembly.StartsWith("Microsoft.ML", StringComparison.Ordinal))
            return false;
        return reference.Resolve() switch
        {
            TypeDefinition definition => !IsShown(definition),
            MethodDefinition method => !(method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) || !IsShown(method.DeclaringType),
            FieldDefinition field => !(field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) || !IsShown(field.DeclaringType),
            _ => throw new InvalidOperationException($"ML.NET has no {reference.FullName}."),
        };
    }

    private static bool IsShown(TypeDefinition type) => type.IsPublic || (type.IsNestedPublic && IsShown(type.DeclaringType));
}
