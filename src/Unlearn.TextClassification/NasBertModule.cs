using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Unlearn.TextClassification;

/// <summary>
/// The package's network over rows of tokens, with parameters that are there: those that the package disposed are made anew. A feature is 0 for padding, else
/// a token of the network plus 1; the first is always the token that begins a text.
/// </summary>
internal sealed class NasBertModule : Module<torch.Tensor, torch.Tensor>
{
    public const string Encoder = "Encoder.";
    private const int Padding = 1;
    private const double Deviation = 0.02;
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

#pragma warning disable IDE1006 // The name is part of saved parameters' names.
    private readonly Module<torch.Tensor, torch.Tensor, torch.Tensor> Network;
#pragma warning restore IDE1006

    /// <summary>A network with random parameters, drawn from Torch's default generator.</summary>
    /// <param name="shapes">Shapes of the parameters by their names.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <exception cref="FormatException">The names or shapes are not the network's.</exception>
    public NasBertModule(IReadOnlyDictionary<string, long[]> shapes, int classCount)
        : base(nameof(NasBertModule))
    {
        if (!shapes.TryGetValue($"{Encoder}TokenEmbedding.weight", out var embedding) || embedding.Length != 2)
            throw new FormatException("The file holds no embedding of tokens, so it is not of this network.");
        Network = MicrosoftTorchSharp.CreateNetwork(checked((int)embedding[0]), classCount);
        using var noGrad = torch.no_grad();
        foreach (var (name, module) in Network.named_modules())
            Repair(name, module, shapes);
        RegisterComponents();
    }

    /// <summary>Overwrites parameters.</summary>
    /// <param name="state">Some or all of them, by their names in the package.</param>
    public void Load(IReadOnlyDictionary<string, torch.Tensor> state)
    {
        using var noGrad = torch.no_grad();
        var own = Network.state_dict();
        foreach (var (name, tensor) in state)
            if (!own.TryGetValue(name, out var parameter) || !parameter.shape.SequenceEqual(tensor.shape))
                throw new FormatException($"The file has '{name}' of shape [{string.Join(", ", tensor.shape)}], which is not the network's.");
            else
                parameter.copy_(tensor);
        if (own.Keys.Where(name => name.StartsWith(Encoder, StringComparison.Ordinal)).FirstOrDefault(name => !state.ContainsKey(name)) is { } missing)
            throw new FormatException($"The file lacks '{missing}', which the network needs.");
    }

    public override torch.Tensor forward(torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var features = input.detach().cpu().to(torch.float32).contiguous().data<float>().ToArray();
        var width = input.shape[1];
        long[] tokens = [.. features.Select((feature, i) => i % width == 0 ? 0 : feature < 1 ? Padding : (long)feature - 1)];
        var ids = torch.tensor(tokens, input.shape).to(input.device);
        return Network.call(ids, null!).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Network.Dispose();
        base.Dispose(disposing);
    }

    private static void Repair(string name, torch.nn.Module module, IReadOnlyDictionary<string, long[]> shapes)
    {
        var disposed = module.GetType().GetProperties()
            .Where(property => property.PropertyType == typeof(Parameter) && property.CanWrite && property.GetValue(module) is torch.Tensor { IsInvalid: true })
            .ToList();
        if (disposed.Count == 0)
            return;
        // A layer's setter looks at the old parameter, which is no more.
        for (var type = module.GetType(); type is not null; type = type.BaseType)
            foreach (var field in type.GetFields(Own).Where(field => field.FieldType == typeof(Parameter)))
                if (field.GetValue(module) is torch.Tensor { IsInvalid: true })
                    field.SetValue(module, null);
        foreach (var property in disposed)
        {
            var shape = shapes.TryGetValue($"{name}.{property.Name}", out var known)
                ? known
                : throw new FormatException($"The file lacks '{name}.{property.Name}', which the network needs.");
            property.SetValue(module, new Parameter(shape.Length == 1 ? torch.zeros(shape) : torch.empty(shape).normal_(0, Deviation)));
        }
    }
}
