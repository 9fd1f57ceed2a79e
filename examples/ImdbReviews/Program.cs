using Unlearn.Examples;
using Unlearn.Examples.ImdbReviews;

return await StudyProgram.RunAsync(new ImdbStudy(), args);
