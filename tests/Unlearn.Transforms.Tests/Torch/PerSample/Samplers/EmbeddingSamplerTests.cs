using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class EmbeddingSamplerTests : LayerSamplerTests
{
    private const long Vocabulary = 4;

    // More positions than tokens: some tokens are there twice in every row.
    private protected override IEnumerable<LayerCase> Cases =>
    [
        LayerCase.OfModule("embedding", [6], () => new Classifier(6, Embedding(Vocabulary, 3)), Vocabulary),
        LayerCase.OfModule("embedding with a padding token", [6], () => new Classifier(6, Embedding(Vocabulary, 3, padding_idx: 0)), Vocabulary),
        LayerCase.OfModule("embedding with another padding token", [6], () => new Classifier(6, Embedding(Vocabulary, 3, padding_idx: 2)), Vocabulary),
        LayerCase.OfModule("embedding of one token", [1], () => new Classifier(1, Embedding(Vocabulary, 3)), Vocabulary),
        LayerCase.OfModule("embedding with sparse gradients", [6], () => new Classifier(6, Embedding(Vocabulary, 3, sparse: true)), Vocabulary),
        LayerCase.OfModule("embedding with a largest norm", [6], () => new Classifier(6, Embedding(Vocabulary, 3, max_norm: 0.5)), Vocabulary),
        LayerCase.OfModule("embedding that is called twice", [6], () => new Classifier(6, Embedding(Vocabulary, 3), calls: 2), Vocabulary),
    ];

    private sealed class Classifier : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> table;
        private readonly Module<Tensor, Tensor> output;
        private readonly int _calls;

        public Classifier(int positions, Module<Tensor, Tensor> table, int calls = 1) : base(nameof(Classifier))
        {
            this.table = table;
            output = Linear(positions * 3, LayerCase.Classes);
            _calls = calls;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var tokens = input.to(ScalarType.Int64);
            var sum = table.call(tokens).tanh();
            for (var call = 1; call < _calls; call++)
                sum = sum * table.call((tokens + call) % Vocabulary);
            return output.call(sum.flatten(1));
        }
    }
}
