using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Training.Steps;

/// <summary>
/// One tensor behind all parameters of a module, and one behind all their gradients: an optimizer's step is then a few operations in all,
/// not a few for each parameter. A parameter that gets no gradient counts as having a gradient of 0; one that asks for none is left alone.
/// </summary>
internal sealed class FlatParameters : IDisposable
{
    private readonly List<Parameter> _parameters;
    private readonly List<torch.Tensor> _gradients = [];

    /// <summary>
    /// Turns the module's trainable parameters into views of flat ones, of which there is one for each type of number. They stay views for good.
    /// </summary>
    public FlatParameters(Module module)
    {
        using var noGrad = torch.no_grad();
        _parameters = [.. module.parameters().Where(parameter => parameter.requires_grad).DistinctBy(parameter => parameter.Handle)];
        if (_parameters.Count == 0)
            throw new ArgumentException(
                $"Every parameter of the {module.GetName()} is frozen, so there is nothing to train: let the architecture leave requires_grad of one on.");
        Flat = [.. _parameters.GroupBy(parameter => parameter.dtype).Select(Flatten)];
    }

    /// <summary>What the optimizer takes.</summary>
    public IReadOnlyList<Parameter> Flat { get; }

    public void ClearGradients()
    {
        foreach (var gradient in _gradients)
            gradient.zero_();
    }

    /// <summary>Frees the gradients; the module keeps its parameters.</summary>
    public void Dispose()
    {
        foreach (var parameter in _parameters)
            parameter.grad = null;
        foreach (var tensor in _gradients.Concat(Flat))
            tensor.Dispose();
    }

    private Parameter Flatten(IEnumerable<Parameter> parameters)
    {
        using var scope = torch.NewDisposeScope();
        var flat = new Parameter(torch.cat([.. parameters.Select(parameter => parameter.reshape(-1))]));
        var gradient = torch.zeros_like(flat);
        long start = 0;
        foreach (var parameter in parameters)
        {
            parameter.set_(View(flat, parameter, start));
            parameter.grad = View(gradient, parameter, start);
            start += parameter.numel();
        }
        flat.grad = gradient;
        _gradients.Add(gradient.DetachFromDisposeScope());
        return (Parameter)flat.DetachFromDisposeScope();
    }

    private static torch.Tensor View(torch.Tensor flat, Parameter like, long start) => flat.narrow(0, start, like.numel()).view(like.shape);
}
