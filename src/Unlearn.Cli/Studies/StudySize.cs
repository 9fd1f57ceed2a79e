namespace Unlearn.Cli.Studies;

/// <summary>How large a study is.</summary>
internal enum StudySize
{
    /// <summary><c>--short</c>: less than a minute.</summary>
    Small,

    /// <summary>Up to a quarter of an hour on 2 cores.</summary>
    Usual,

    /// <summary><c>--full</c>: more rows and unlearners; after a stop, the same command goes on.</summary>
    Full,
}
