using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch.PerSample.Samplers;

public sealed class EmbeddingBagSamplerTests : LayerSamplerTests
{
    private const long Vocabulary = 4;

    private protected override IEnumerable<LayerCase> Cases =>
    [
        Case("embedding bag with sums", EmbeddingBagMode.Sum, (bag, tokens) => bag.call(tokens)),
        Case("embedding bag with means", EmbeddingBagMode.Mean, (bag, tokens) => bag.call(tokens)),
        Case("embedding bag with means and a padding token", EmbeddingBagMode.Mean, (bag, tokens) => bag.call(tokens), padding: 0),
        Case("embedding bag with sums and another padding token", EmbeddingBagMode.Sum, (bag, tokens) => bag.call(tokens), padding: 2),
        Case("embedding bag with weights", EmbeddingBagMode.Sum, (bag, tokens) => bag.call(tokens, null, (tokens + 1).to(bag.weight!.dtype))),
        Case("embedding bag that is called twice", EmbeddingBagMode.Mean, (bag, tokens) => bag.call(tokens) * bag.call((tokens + 1) % Vocabulary).tanh()),
        Case("embedding bag with offsets", EmbeddingBagMode.Mean, (bag, tokens) => bag.call(tokens.flatten(), arange(tokens.shape[0]) * tokens.shape[1])),
    ];

    private static LayerCase Case(string name, EmbeddingBagMode mode, Func<EmbeddingBag, Tensor, Tensor> call, long padding = -1) =>
        LayerCase.OfModule(name, [6], () => new Classifier(EmbeddingBag(Vocabulary, 5, mode: mode, padding_index: padding), call), Vocabulary);

    private sealed class Classifier : Module<Tensor, Tensor>
    {
        private readonly EmbeddingBag bag;
        private readonly Module<Tensor, Tensor> output = Linear(5, LayerCase.Classes);
        private readonly Func<EmbeddingBag, Tensor, Tensor> _call;

        public Classifier(EmbeddingBag bag, Func<EmbeddingBag, Tensor, Tensor> call) : base(nameof(Classifier))
        {
            this.bag = bag;
            _call = call;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => output.call(_call(bag, input.to(ScalarType.Int64)).tanh());
    }
}
