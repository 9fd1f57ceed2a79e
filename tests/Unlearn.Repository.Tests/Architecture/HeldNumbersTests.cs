using System.Reflection;
using Mono.Cecil;
using TorchSharp;
using Xunit;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>
/// The libraries call no method of TorchSharp that takes a number as an object, nor one that makes such an object itself, but through <c>HeldNumbers</c>:
/// see there. What is called virtually, such as the <c>forward</c> of a module of TorchSharp, is not seen.
/// </summary>
public sealed class HeldNumbersTests : IDisposable
{
    private const string Holder = "Unlearn.Transforms.Numerics.HeldNumbers";

    private readonly CompiledCode _torchSharp = new(typeof(torch).Assembly);
    private readonly NumberUses _uses;

    public HeldNumbersTests() => _uses = new(_torchSharp.Module);

    public static TheoryData<string> Libraries => [.. Layers.ByAssembly.Keys];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Numbers_are_held_during_native_calls(string library)
    {
        using var code = new CompiledCode(Assembly.Load(library));
        var found =
            from type in code.Module.GetTypes()
            where CompiledCode.Outermost(type).FullName != Holder
            from method in type.Methods
            from call in NumberUses.Calls(method)
            where call.DeclaringType.FullName.StartsWith("TorchSharp.", StringComparison.Ordinal) && _uses.Contains(call)
            select $"{method.FullName} calls {call.FullName}";
        Assert.Empty(found.Distinct());
    }

    /// <summary>Without this, the first test would pass because it sees nothing.</summary>
    [Fact]
    public void Uses_of_numbers_are_seen()
    {
        var tensor = _torchSharp.Module.GetType("TorchSharp.torch/Tensor");
        Assert.All(["add", "add_", "mul", "clamp", "square", "op_Addition", "index_add_"], name => Assert.Contains(Named(name), _uses.Contains));
        Assert.All(["matmul", "neg", "sqrt", "where", "item"], name => Assert.DoesNotContain(Named(name), _uses.Contains));
        Assert.True(_uses.Contains(OfTensors("op_Addition")));
        Assert.False(_uses.Contains(OfTensors("op_Subtraction")));
        Assert.Contains(_torchSharp.Module.GetType("TorchSharp.torch").Methods.Where(method => method.Name == "arange"), _uses.Contains);

        MethodDefinition OfTensors(string name) => Named(name).Single(method => method.Parameters.All(parameter => parameter.ParameterType == tensor));

        IEnumerable<MethodDefinition> Named(string name) => tensor.Methods.Where(method => method.Name == name);
    }

    public void Dispose() => _torchSharp.Dispose();
}
