using System.Numerics.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>The mean embedding of a row's tokens, each model with a table of its own.</summary>
/// <param name="table">K × tokens × dimensions.</param>
internal sealed class StackedTokenAverage(Parameter table) : StackedLayer
{
    private readonly int _width = (int)table.shape[2];
    private torch.Tensor? _input;
    private int _tokens;

    public override IReadOnlyList<Parameter> Parameters => [table];

    public override torch.Tensor Forward(torch.Tensor input)
    {
        _input = input.transpose(1, 2).contiguous();
        var (models, rows) = (_input.shape[0], _input.shape[1]);
        _tokens = (int)_input.shape[2];
        var output = torch.zeros(models, rows, _width);
        for (var model = 0L; model < models; model++)
        {
            var tokens = FloatSpan.Of(_input, model);
            var embeddings = FloatSpan.Of(table, model);
            var means = FloatSpan.Of(output, model);
            for (var row = 0; row < rows; row++)
            {
                var ofRow = OfRow(tokens, row);
                var share = Share(ofRow);
                var mean = means.Slice(row * _width, _width);
                foreach (var token in ofRow)
                    if ((int)token != TokenAverage.Padding)
                        Add(embeddings.Slice((int)token * _width, _width), share, mean);
            }
        }
        return output.transpose(1, 2);
    }

    // Tokens have no gradient.
    public override torch.Tensor Backward(torch.Tensor gradient, bool withInput)
    {
        var ofMeans = gradient.transpose(1, 2).contiguous();
        var ofTable = torch.zeros(table.shape);
        var (models, rows) = (ofMeans.shape[0], ofMeans.shape[1]);
        for (var model = 0L; model < models; model++)
        {
            var tokens = FloatSpan.Of(_input!, model);
            var embeddings = FloatSpan.Of(ofTable, model);
            var means = FloatSpan.Of(ofMeans, model);
            for (var row = 0; row < rows; row++)
            {
                var ofRow = OfRow(tokens, row);
                var share = Share(ofRow);
                var mean = means.Slice(row * _width, _width);
                foreach (var token in ofRow)
                    if ((int)token != TokenAverage.Padding)
                        Add(mean, share, embeddings.Slice((int)token * _width, _width));
            }
        }
        table.grad = ofTable;
        return gradient;
    }

    private static void Add(ReadOnlySpan<float> values, float weight, Span<float> sum) => TensorPrimitives.MultiplyAdd(values, weight, sum, sum);

    private ReadOnlySpan<float> OfRow(ReadOnlySpan<float> tokens, int row) => tokens.Slice(row * _tokens, _tokens);

    private static float Share(ReadOnlySpan<float> tokens)
    {
        var count = 0;
        foreach (var token in tokens)
            count += (int)token != TokenAverage.Padding ? 1 : 0;
        return 1f / Math.Max(count, 1);
    }
}
