using System.CommandLine;
using TorchSharp;
using Unlearn.Cli.Models;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Texts;
using Unlearn.Transforms;
using static TorchSharp.torch.nn;

namespace Unlearn.Examples.ImdbReviews;

/// <summary>A bag of words or a small transformer on IMDb's reviews.</summary>
internal sealed class ImdbStudy : StudyExample
{
    private const string Bag = "bag";
    private const string Transformer = "transformer";
    private const int Dimensions = 32;
    private const int Hidden = 16;
    private const int Width = 32;
    private const int Heads = 2;
    private static readonly string[] Names = ["negative", "positive"];

    private readonly Option<string> _model = new("--model") { Description = $"{Bag} of words, or {Transformer}.", DefaultValueFactory = _ => Bag };
    private readonly Option<int?> _tokens = new("--tokens") { Description = $"First words of a review that are read. Default 200, {Transformer} 64." };
    private readonly Option<int> _vocabulary =
        new("--vocabulary") { Description = "Distinct words that are kept: the most frequent ones.", DefaultValueFactory = _ => 5000 };
    private readonly Option<string?> _glove =
        new("--glove") { Description = $"Word vectors in GloVe's text form, gzipped or not, that a {Bag} of words begins with." };
    private Vocabulary? _words;

    public ImdbStudy()
    {
        _model.AcceptOnlyFromAmong(Bag, Transformer);
        foreach (var (option, least) in new[] { ((Option)_tokens, 1), (_vocabulary, 3) })
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() < least)
                    result.AddError($"{option.Name} must be at least {least}.");
            });
        Options = [_model, _tokens, _vocabulary, _glove];
    }

    public override string Description => "Predicts how hard film reviews are to unlearn from a sentiment classifier, and checks it by really unlearning them.";

    public override string DataDescription => $"IMDb's reviews: {ReviewFiles.Formats}.";

    public override string DefaultData => Path.Combine("..", "shared", "data", "text", "imdb-50k.tsv.br");

    public override BySize<int> Rows { get; } = new(1000, 3000, 6000);

    public override BySize<int> TestRows { get; } = new(500, 1000, 2000);

    public override IReadOnlyList<Option> Options { get; }

    public override string OutputName(ParseResult parsed) =>
        parsed.GetValue(_model) == Transformer ? "imdb-transformer" : parsed.GetValue(_glove) is null ? "imdb" : "imdb-glove";

    // SteinMarginal keeps a square matrix over all embeddings of a review, tokens × dimensions on a side.
    public override IReadOnlyList<IHardnessFactor> Factors(StudySettings settings) => StudyFactorSets.OfTraining(hasSteinMarginal: false);

    public override StudyData Load(StudySettings settings)
    {
        if (IsTransformer(settings) && settings.Parsed.GetValue(_glove) is not null)
            throw new ArgumentException($"--glove is for --model {Bag}.");
        var (train, test) = ReviewFiles.Read(settings.Data, settings.Rows, settings.TestRows);
        var words = _words = Vocabulary.Of(train.Select(review => review.Text), settings.Parsed.GetValue(_vocabulary));
        return new($"IMDb reviews, {(IsTransformer(settings) ? "transformer" : "bag of words")}, {settings.Rows} rows", ToRows(train), ToRows(test), Names);

        TrainingRows ToRows(IEnumerable<Review> reviews) => LabeledRow.ToTrainingRows(
            reviews.Select(review => new LabeledRow { RowId = review.Id, Features = words.Encode(review.Text, Tokens(settings)), Label = review.IsPositive
                ? 1u
                : 0u }), Tokens(settings), Names.Length);
    }

    public override ITrainingRecipe Recipe(StudySettings settings, StudyData data)
    {
        var (vocabulary, tokens) = (_words!, Tokens(settings));
        if (IsTransformer(settings))
            return new TorchRecipe(TorchArchitecture.Custom($"text-encoder/1 vocabulary={vocabulary.Size} width={Width} heads={Heads}", [tokens], Names.Length,
                () => new TextEncoder(vocabulary.Size, tokens, Width, Heads, Names.Length)))
            {
                Epochs = 8,
                Optimizer = OptimizerKind.AdamW,
                LearningRate = 3e-3,
                Device = TorchDevice.Cpu,
            };
        return new TorchRecipe(settings.Parsed.GetValue(_glove) is { } file
            ? BagOfVectors(WordVectors.Read(file, vocabulary), vocabulary.Size, tokens)
            : TorchArchitecture.BagOfTokens(tokens, vocabulary.Size, Dimensions, Names.Length, Hidden))
        {
            Epochs = 10,
            Optimizer = OptimizerKind.AdamW,
            LearningRate = 0.01,
            Stack = settings.Stack,
            Device = TorchDevice.Cpu,
        };
    }

    private bool IsTransformer(StudySettings settings) => settings.Parsed.GetValue(_model) == Transformer;

    private int Tokens(StudySettings settings) => settings.Parsed.GetValue(_tokens) ?? (IsTransformer(settings) ? 64 : 200);

    // As BagOfTokens, but words that have a vector begin with it.
    private static TorchArchitecture BagOfVectors(WordVectors vectors, int vocabularySize, int tokens)
    {
        return TorchArchitecture.Custom($"bag-of-vectors/1 {vectors.Hash} vocabulary={vocabularySize}", [tokens], Names.Length, () =>
        {
            var average = new TokenAverage(vocabularySize, vectors.Dimensions);
            Initialize(average.parameters().Single());
            return Sequential(
                ("tokens", average), ("hidden1", Linear(vectors.Dimensions, Hidden)), ("relu1", ReLU()), ("output", Linear(Hidden, Names.Length)));
        });

        void Initialize(torch.Tensor table)
        {
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            table.index_copy_(0, torch.tensor(vectors.Tokens), torch.tensor(vectors.Values, [vectors.Tokens.Length, vectors.Dimensions]));
        }
    }
}
