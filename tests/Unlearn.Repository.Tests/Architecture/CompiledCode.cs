using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>An assembly's types and all that they refer to, as the compiler wrote them.</summary>
internal sealed class CompiledCode : IDisposable
{
    private readonly DefaultAssemblyResolver _resolver = new();

    public CompiledCode(Assembly assembly)
    {
        _resolver.AddSearchDirectory(AppContext.BaseDirectory);
        _resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        Module = ModuleDefinition.ReadModule(assembly.Location, new ReaderParameters { AssemblyResolver = _resolver });
    }

    public ModuleDefinition Module { get; }

    /// <summary>The type itself, or the one that it is nested in.</summary>
    public static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    /// <summary>Types and members that a type names: bases, attributes, members, and what their bodies use.</summary>
    public static IEnumerable<MemberReference> References(TypeDefinition type) =>
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
        GenericInstanceMethod method =>
            [method.ElementMethod, .. Parts(method.DeclaringType), .. method.GenericArguments.SelectMany(Parts), .. Signature(method.ElementMethod)],
        MethodReference method => [method, .. Parts(method.DeclaringType), .. Signature(method)],
        _ => [],
    };

    private static IEnumerable<MemberReference> Signature(MethodReference method) =>
        Parts(method.ReturnType).Concat(method.Parameters.SelectMany(parameter => Parts(parameter.ParameterType)));

    public static IEnumerable<MemberReference> Attributes(Mono.Cecil.ICustomAttributeProvider owner) =>
        owner.CustomAttributes.SelectMany(attribute => new MemberReference[] { attribute.AttributeType, attribute.Constructor });

    /// <summary>A type and what it is made of: type arguments, and the element of an array or reference.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [.. Parts(generic.ElementType), .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };

    public void Dispose()
    {
        Module.Dispose();
        _resolver.Dispose();
    }
}
