using Mono.Cecil;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>The methods of TorchSharp that take a number as an object, or make one themselves, as a sum of two tensors does.</summary>
internal sealed class NumberUses
{
    private const string Scalar = "TorchSharp.Scalar";

    private readonly HashSet<string> _makers = new(StringComparer.Ordinal);

    /// <param name="torchSharp">TorchSharp's assembly.</param>
    public NumberUses(ModuleDefinition torchSharp)
    {
        var callers = torchSharp.GetTypes().Where(type => !IsConverter(type)).SelectMany(type => type.Methods)
            .SelectMany(method => Calls(method).Select(call => (Caller: method, Call: call)))
            .ToLookup(use => Name(use.Call), use => use.Caller);
        var open = new Queue<string>(torchSharp.GetTypes().Where(IsConverter).SelectMany(type => type.Methods)
            .Where(method => method.ReturnType.FullName == Scalar).Select(method => method.FullName));
        while (open.TryDequeue(out var called))
            foreach (var caller in callers[called].Where(caller => _makers.Add(caller.FullName)))
                open.Enqueue(caller.FullName);
    }

    /// <summary>Whether a method is one of them.</summary>
    public bool Contains(MethodReference method) => !IsConverter(method.DeclaringType)
        && (method.Parameters.Any(parameter => parameter.ParameterType.FullName == Scalar) || _makers.Contains(Name(method)));

    public static IEnumerable<MethodReference> Calls(MethodDefinition method) =>
        method.HasBody ? method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>() : [];

    // Their methods make a number into an object, and back.
    private static bool IsConverter(TypeReference type) => type.FullName is Scalar or "TorchSharp.ScalarExtensionMethods";

    private static string Name(MethodReference method) => method.Resolve()?.FullName ?? method.FullName;
}
